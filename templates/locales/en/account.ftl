account-title = My account
account-done-session = The session has been ended.
account-done-language = The language of your messages has been saved.
account-done-password = Your password has been changed. All your other sessions have been ended.
account-safety-both = Your access is protected by a password and a second factor.
account-safety-password = Your access is protected by a password.
account-others = { $count ->
    [0] No other session is open.
    [one] One other session is open: check below that it is yours.
   *[other] { $count } other sessions are open: check below that they are yours.
 }
account-name = Name
account-population = Group
account-created = Access created on
account-access-ends = Your access ends on
account-change = Change
account-change-password = the password
account-factors = Second factor
account-factor-sms = Text message
account-factor-totp = Authenticator app
account-since = Since
account-last-used = Last used on
account-never-used = Not yet used to sign in
account-no-factors = No second factor is asked for your access.
account-sessions = Sign-ins and devices
account-last-login = Last sign-in:
account-previous-login = Sign-in before that:
account-first-login = This is your first sign-in.
account-device-unknown = Unknown device
account-this-session = this session
account-sign-out = Sign out
account-end = End
account-end-session = the session: { $device }
account-everywhere-text = Did you use a device that is not yours, or are you in doubt? End all sessions, this one included.
account-everywhere = Sign out everywhere
account-portals = Portals used
account-last-sign-in = Last sign-in on
account-no-portals = You have not used any portal yet.
account-terms = Accepted terms
account-terms-version = version { $version }
account-terms-registration = Accepted at registration, on
account-terms-sign-in = Accepted at sign-in, on
account-terms-operator = Accepted with us, on
account-terms-read = Read
account-no-terms = You have not accepted any terms of use.
account-language = Language of your messages
account-language-label = We write to you in
account-save = Save

account-password-title = Change password
account-password-text = You stay signed in here. All your other sessions will be ended.
account-password-current = Current password
account-password-rule = Your new password:
account-password-new = New password
account-password-repeat = Repeat the new password
account-password-submit = Change password
fault-wrong-password = The current password is not right.
fault-password-same = This is your current password already. Choose another one.
