mail-greeting = Good day,
mail-closing = Kind regards,
mail-contact = Questions?
mail-asked-from = Asked for from: { $from }
mail-never-ask = Do not give this code to anyone. We never ask for it by telephone or e-mail.

mail-code-subject = { $code } is your confirmation code, { $realm }
mail-code-intro = Here is your confirmation code:
mail-code-intro-app = Here is your confirmation code for { $app }:
mail-code-use = Enter it on the page that is still open. It is valid for { $minutes } minutes.
mail-code-not-you = Did you not ask for this? Ignore this message: without the code nothing happens.

mail-taken-subject = You already have access, { $realm }
mail-taken-intro = Someone, probably you, wanted to create an access with this e-mail address. An access with this address exists already.
mail-taken-intro-app = Someone, probably you, wanted to create an access to { $app } with this e-mail address. An access with this address exists already.
mail-taken-do = Was it you? Sign in at the portal with this address and your password. For a second access (as an employer, for example) use another e-mail address.
mail-taken-not-you = Was it not you? You need not do anything: nothing was changed.

mail-created-subject = Your access is ready, { $realm }
mail-created-intro = Your access was created on { $at }.
mail-created-username = User name: { $username }
mail-created-portal = The portal is available to you at any time:

sms-code = Your code: { $code }
