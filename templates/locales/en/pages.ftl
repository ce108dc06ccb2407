# Common words
skip = Skip to content
demo-banner = Demonstration: invented people, no message leaves the house.
languages = Language
next = Next
back = Back
cancel = Cancel
show = Show
hide = Hide
print = Print
colon = :
error-prefix = Error:
summary-title-whole = That did not work
summary-title = { $count ->
    [one] One answer needs correcting
   *[other] { $count } answers need correcting
 }
help-for = Help: { $label }
contact-title = Do you need help?
contact-phone = Telephone
contact-email = E-mail
contact-website = Website
back-to = Go back to { $app }
continue-to = Continue to { $app }
may-close = You may close this window.
code-minutes = The code is valid for { $minutes } minutes.
digits-hint = 6 digits
nothing-came = Has nothing come?
resend = Send the code again
resend-wait = You can ask for a new code in
resent = A new code has just been sent. The earlier one stays valid until its time is over.
sms-not-here = A text message can take a minute. Check that your phone is on and has a signal.

# Sign-in
signin-title = Sign in
signin-guidance = First time here: to sign up, click on «Register →» without filling in the fields. If you already have access, enter your user name and password.
signin-continue-to = to continue to { $app }
client-unverified = This app has not been verified.
client-policy = Data protection of { $app }
client-tos = Terms of use of { $app }
signin-username = User name
signin-username-help = This is the e-mail address that you gave when you registered.
signin-password = Password
signin-forgotten = I have forgotten my password →
signin-first-time = First time here?
signin-first-time-text = You have received a code. Keep it at hand and create your access in five steps.
signin-register = Register →

factor-title = Confirm that it is you
factor-sms-text = We have sent a code by text message to { $number }.
factor-sms-label = Code from the text message
factor-totp-text = Open your authenticator app and type the code it shows.
factor-totp-label = Code from the app
factor-submit = Sign in
factor-other = Try another way
factor-use-sms = Text message to { $number }
factor-use-totp = Authenticator app

expired-title = This page is no longer valid
expired-text = For your safety a sign-in or registration that stays open for long comes to an end. Nothing is lost: an unused code stays valid.
expired-back-text = Go back to { $app } and begin again.
expired-no-app = Go back to the portal you came from and begin again.

already-title = You are already signed in
already-text = Your session is open under the name { $username }.
already-switch = Sign in under another name

home-title = Sign-in service
home-text = This is our sign-in service ({ $realm }). Here you create your access and sign in to our portals.
home-portals = Our portals
home-go = See our portals
home-safety = We will never ask you for your password or a code by telephone or e-mail.

# Signing off
logout-title = Sign out
logout-text = Do you want to end your session on all portals?
logout-text-as = You are signed in as { $username }. Do you want to end your session on all portals?
logout-yes = Sign out
logout-no = Stay signed in
logged-out-title = You are signed out
logged-out-text = Your protected session has ended. You may close this window.
logged-out-told = The session has ended here too:

# Errors
error-code = Error code
error-detail = For developers
reference = Reference
retry = Try again
oops-request-refused-title = This request cannot be accepted
oops-request-refused = An app sent us a request we cannot accept. Go back to the app and try again. If it happens again, tell us the reference below.
oops-request-refused-from = { $app } sent us a request we cannot accept. Go back to the app and try again. If it happens again, tell us the reference below.
oops-not-found-title = Page not found
oops-not-found = There is nothing at this address. Check it, or go back to the portal you came from.
oops-too-large-title = Too much was sent
oops-too-large = What you sent is too large. Go back to the page before and shorten your answers.
oops-busy-title = One moment, please
oops-busy = Many people are using the service just now. Your answers have not been saved.
oops-busy-retry = Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
 }.
oops-internal-title = Something went wrong
oops-internal = The fault is ours, not yours. Try again in a few minutes. If it happens again, tell us the reference below.
oops-cross-site-title = Form refused
oops-cross-site = This form does not come from our pages. For safety it was not processed. Open the portal again and begin anew.
