# Terms of use at sign-in
accept-terms-title = Terms of use to accept
accept-terms-title-new = New terms of use
accept-terms-first = Before you continue, please read and accept the terms of use. This is asked once for each version.
accept-terms-again = A new version of the terms of use has been in force since { $day }. Please read and accept it to continue.
accept-terms-earlier = Read the version that you had accepted (new tab)
accept-terms-renewed = Nothing was accepted: the page in front of you was no longer up to date. Here are the terms in force.
accept-terms-print = Open the terms for printing (new tab)
accept-terms-refusing = Without your agreement the portal cannot be used. If you refuse, you go back to it without access; you can still accept the next time you sign in.
accept-terms-next = Accept and continue
accept-terms-refuse = Refuse
terms-version-to-come = Version { $version }, in force from { $day }
terms-version-over = Version { $version }, which came into force on { $day }, since replaced or withdrawn
terms-current = Read the terms in force
