factor-sms-ask = Ask for a code by text message to { $number }.

# Forgotten password
recovery-title = Forgotten password
recovery-text = Enter your user name. We will send you a code by e-mail, then you choose a new password.
recovery-code-title = Look at your e-mail
recovery-code-text = If there is an account for { $name }, a code was sent to the e-mail address of that account.
recovery-spam = Look in your spam folder as well, and check the user name shown above.
recovery-resent = If there is an account, a new code has just been sent. The previous one stays valid until it expires.
recovery-password-title = Choose a new password
recovery-password-text = It replaces the old one as soon as you save it.
recovery-password-label = New password
recovery-password-submit = Save the password
recovery-done-title = Your password is changed
recovery-done-text = Now sign in with the new password.
recovery-done-sessions = For safety, all your open sessions have ended, on all devices. A confirmation reaches you by e-mail.
stopped-recovery-elsewhere-title = Begin again here
stopped-recovery-elsewhere = This request was begun in another browser, or no longer exists. For your safety it goes on only where it began.
stopped-recovery-over-title = This request has ended
stopped-recovery-over = A request for a new password is valid for a while only, and ends when the account has changed meanwhile. This request has changed nothing. You can begin again.
stopped-recovery-letter-title = A new activation code is needed
stopped-recovery-letter = Your account no longer has a second factor. For safety, the password cannot be changed by e-mail alone. Use the activation code that you received by post.
recovery-letter-ask = You have no code? Please contact us:
recovery-enter-code = Enter the activation code
recovery-restart = Begin again

# Second factor lost
lost-link = You no longer have this phone or this app?
lost-title = You no longer have your second factor
lost-why = For your safety, the second factor cannot be removed on a mere call or e-mail, not even by our staff.
lost-how = How to get your access back
lost-contact = Please contact us:
lost-identity = We check your identity. Have an identity document and your pension documents ready.
lost-letter = We send you a new activation code by post, to the address we know.
lost-again = With that code you choose a new second factor.
lost-meanwhile = If you find your phone or app again, nothing is lost: sign in as usual.
lost-back = Back

# Mail
mail-reset-subject = { $code } is your code for a new password, { $realm }
mail-reset-intro = Here is the code to choose a new password:
mail-reset-use = Enter it on the page that is still open. It is valid for { $minutes } minutes. Your second factor is asked for next, if you have one.
mail-reset-not-you = You asked for nothing? Ignore this message: without this code, your password stays as it is.
