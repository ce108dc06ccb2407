# After signing out

leaving-title = Signing out
leaving-text = Your protected session has ended. It is being ended here too:
leaving-next = Continue
logged-out-trying = These portals have not answered yet. We keep telling them:
logged-out-failed = These portals could not be told. Please sign out there too:
