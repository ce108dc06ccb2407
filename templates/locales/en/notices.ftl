place-local = local network

notice-at = Date and time: { $at }
notice-device = Device: { $device }
notice-place = Place or network: { $place }
notice-unknown = unknown
notice-by-operator = Done by: { $realm }
notice-username = User name: { $username }
notice-was-you = Was it you? Then there is nothing to do.
notice-not-me = Was it not you? Open this page and confirm: all your sessions then end and your access is blocked, so that nobody uses it. The page works for { $days } days.
notice-was-asked = Did you ask for it? Then there is nothing else to do.
notice-not-asked = Did you not ask for it? Open this page and confirm: all your sessions then end and your access is blocked, so that nobody uses it. The page works for { $days } days.
notice-not-me-link = It was not me

notice-new-device-subject = Sign-in with a new device, { $realm }
notice-new-device-intro = Somebody, most likely you, signed in with a device or browser that we did not know yet.
notice-password-changed-subject = Your password was changed, { $realm }
notice-password-changed-intro = The password of your access was changed.
notice-sign-in-locked-subject = Several tries with a wrong password, { $realm }
notice-sign-in-locked-intro = Somebody entered a wrong password for your access several times. Nobody was able to sign in. To protect you, there is now a waiting time before each further try.
notice-password-known-subject = Important: somebody may know your password, { $realm }
notice-password-known-intro = Somebody entered the right password of your access and then a wrong confirmation code several times. Nobody was able to sign in. If it was not you, somebody knows your password.
notice-factor-reset-subject = Your second factor was removed, { $realm }
notice-factor-reset-intro = The second factor of your access (phone or app) was removed. With your new activation code you will choose another one.
notice-credentials-replaced-subject = Password and second factor replaced, { $realm }
notice-credentials-replaced-intro = The password and the second factor of your access were replaced.

not-me-title = Was it not you?
not-me-told = Our message was about:
not-me-about-account-created = the creation of your access
not-me-about-new-device = a sign-in with a new device
not-me-about-password-changed = the change of the password
not-me-about-sign-in-locked = several tries with a wrong password
not-me-about-password-known = several wrong confirmation codes after the right password
not-me-about-factor-reset = the removal of the second factor
not-me-about-credentials-replaced = the replacement of password and second factor
not-me-will = If it was not you, block your access. All your sessions end, at every portal, and nobody can sign in any more, not even you. We then help you to unblock it.
not-me-else = Was it you? Simply close this page: nothing changes.
not-me-stop = Block my access
not-me-done-title = Your access is blocked
not-me-done-sessions = All sessions have ended, at every portal.
not-me-done-stopped = Nobody can sign in with this access any more.
not-me-done-next = Call or write to us: we find out with you what happened and unblock your access.
not-me-gone-title = This link does not work any more
not-me-gone-text = It has been used, it is too old, or the address was not copied as a whole. Nothing was changed.
not-me-gone-next = If you think that somebody is using your access, call or write to us at once.

signin-username-alias-help = Your e-mail address or, if you are insured, your OASI number.
