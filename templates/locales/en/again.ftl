# Once more: the session is not enough
signin-again = You are signed in as { $username }. To continue, please sign in once more: this protects your data.
