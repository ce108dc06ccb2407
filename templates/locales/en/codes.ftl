# Codes
identify-elsewhere = This code is for «{ $population }»:
identify-elsewhere-go = continue with «{ $population }»
fault-code-elsewhere = This code is for another page: follow the link that leads there.
data-account = Your account
data-account-hint = You choose a new password for this account. In the next step we send a code to this address.
