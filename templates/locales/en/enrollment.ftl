# Registration
population-title = Registration
population-text = Who are you?
step-1 = Identification
step-2 = User data
step-3 = Confirm the e-mail
step-4 = Two-factor choice
step-5 = Confirm both factors
step-of = Step { $step } of 5
step-done = (done)

identify-text = Please enter what identifies you.
label-avs-number = OASI number
hint-avs-number = 13 digits: 756.xxxx.xxxx.xx
help-avs-number = The number always begins with 756. It is also on your health-insurance card. With or without dots, both will do.
label-birth-date = Date of birth
hint-birth-date = dd.mm.yyyy, for example 12.03.1984
help-birth-date = If the day or the month is unknown in your papers, write 00 in its place, for example 00.00.1962.
label-activation-code = Activation code
hint-activation-code = 12 characters, in the letter or on the statement that you received, for example ABCD-EFGH-JKMN
help-activation-code = The code never contains 0, 1, I, L or O. Capitals, dashes and spaces do not matter. If you no longer have the code, ask for it again: see how to reach us at the bottom of the page.
terms-legend = Terms of use
terms-read = Read the terms of use (new tab)
terms-accept = I have read the terms of use and accept them.
terms-accepted = Read and accepted
terms-version = Version { $version }, in force since { $day }
identified-text = This step is done. You need not identify yourself a second time.

title-label = Title
title-choose = Choose
title-ms = Ms
title-mr = Mr
title-none = No title
family-name = Last name
given-name = First name
email-label = E-mail address
email-hint = This will be your user name. We will send a confirmation code there.
password-label = Password
password-repeat = Repeat the password
password-rule = Your password:
password-rule-length = at least { $min } characters
password-rule-groups = with digits, lower case, upper case and special characters (for example ! ? . - +)

email-sent = We have sent a confirmation code to { $email }.
email-code-label = Confirmation code
email-spam = If it is not in your inbox, look in the spam folder.
email-change = Is the address wrong? «Back» lets you change it.
email-confirmed = The address { $email } is confirmed.

choose-text = Your access is additionally protected by two-factor authentication: each time you sign in, you are asked for a 6-digit code after the password.
choose-legend = How would you like to get this code?
choose-sms = Text message to a mobile phone
choose-sms-hint = We send you the code by text message (SMS).
choose-totp = Authenticator app
choose-totp-hint = An app on your phone shows the code, even without a signal.
choose-only-sms = A mobile number is required: at each sign-in a code by text message is asked for beside user name and password. It reaches you by another way and is valid for a short time only.
choose-only-totp = An authenticator app on your phone will show the code.
phone-label = Mobile number
phone-hint = For example 079 123 45 67 or +44 7700 900123
phone-change = Is the number wrong? «Back» lets you change it.

confirm-sms-text = We have sent a code by text message to { $number }.
totp-install = Open an authenticator app on your phone. If you have none, install one from the app store.
totp-scan = Add an account and scan this QR code.
totp-qr = QR code for the authenticator app
totp-cannot-scan = Can you not scan the code, or are you reading this page on the phone itself?
totp-type = Type this key into the app:
totp-settings = Settings: time-based, 6 digits, 30 seconds.
totp-open = Open the app on this device
totp-enter = Type the code that the app shows.

success-title = All done!
success-text = Your access is ready. From now on the portal is available to you at any time.
success-username = Your user name: { $username }
success-logout = Always end the protected session with «Sign out».

cancelled-title = Registration stopped
cancelled-text = Nothing was saved. Your code stays valid: you can begin again whenever you like.
cancelled-restart = Begin the registration again

stopped-unknown-title = This registration is not known here
stopped-unknown = It was begun in another browser, or long ago. Nothing is lost: your code stays valid. Begin again with your code.
stopped-expired-title = This registration was left for too long
stopped-expired = A registration can be taken up again within 24 hours. Nothing is lost: your code stays valid. Begin again with your code.
stopped-superseded-title = This registration was begun anew
stopped-superseded = A newer registration was begun with the same code, in another tab or on another device. Go on there, or begin again here with your code.
stopped-code-gone-title = This code can no longer be used
stopped-code-gone = While you were registering, the code expired or was replaced. Use the code on your latest document, or ask for a new one: see how to reach us at the bottom of the page.
stopped-code-used-title = You already have an account
stopped-code-used = This code has already opened your access. Sign in with your e-mail address. If it was not you who used it, tell us at once: see how to reach us at the bottom of the page.
stopped-account-exists-title = You already have an account
stopped-account-exists = An access already exists in your name. Sign in with your e-mail address. If it was not you who created it, tell us at once: see how to reach us at the bottom of the page.
stopped-email-taken-title = This e-mail address already has an account
stopped-email-taken = An access already exists with this e-mail address. Give another address for this registration. Your code stays valid.
stopped-terms-changed-title = The terms of use have changed
stopped-terms-changed = New terms have come into force since you began. Begin again with your code, which stays valid, to read and accept them.
stopped-change-email = Change the e-mail address
