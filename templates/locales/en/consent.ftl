# Consent for an application
consent-title = Allow this application?
consent-app = this application
consent-lead = { $app } would like access to your account.
consent-not-ours = This application is not ours ({ $realm }). Agree only if you know it and have just opened it yourself.
consent-things = What it will get
consent-grown = It asks for more than before
consent-new = new
consent-scope-openid = A number by which it recognises you. It holds neither your name nor your AVS number.
consent-scope-profile = Your last name, your first name, your language and, as far as we know them, your date of birth, your gender, your photograph and other details of your profile
consent-scope-email = Your e-mail address
consent-scope-phone = Your telephone number
consent-scope-address = Your postal address
consent-scope-poterne = Your group (for example insured person or employer) and the organisation you act for
consent-scope-offline-access = To keep its access while you are not signed in
consent-scope-other = Details that the application calls «{ $name }»
consent-claim-name = Your full name
consent-claim-given-name = Your first name
consent-claim-family-name = Your last name
consent-claim-middle-name = Your other first names
consent-claim-nickname = Your nickname
consent-claim-preferred-username = Your user name
consent-claim-profile = The address of your personal page
consent-claim-picture = Your photograph
consent-claim-website = Your web site
consent-claim-gender = Your gender
consent-claim-birthdate = Your date of birth
consent-claim-zoneinfo = Your time zone
consent-claim-locale = Your language
consent-claim-updated-at = When your details were last changed
consent-claim-email = Your e-mail address
consent-claim-email-verified = Whether your e-mail address was verified
consent-claim-phone-number = Your telephone number
consent-claim-phone-number-verified = Whether your telephone number was verified
consent-claim-address = Your postal address
consent-claim-urn-poterne-population = Your group, for example insured person or employer
consent-claim-urn-poterne-org = The organisation you act for
consent-claim-other = Details that the application calls «{ $name }»
consent-until-session = The application has access only as long as your session is open.
consent-until-offline = The application keeps its access for { $days ->
    [one] one day at most, also when your session is over.
   *[other] { $days } days at most, also when your session is over.
 }
consent-remembered = We will remember your consent and ask again only if it wants more.
consent-each-time = We will ask you again each time.
consent-withdraw = You can withdraw your consent at any time under
consent-account = My account (new tab)
consent-denying = If you refuse, the application gets nothing, and you go back to it.
consent-allow = Allow
consent-deny = Refuse
consent-renewed = Nothing was passed on: the page before you was no longer current. Please answer this one.
consent-as = You are signed in as { $username }.
consent-other = Choose another account

# Choosing an account
accounts-title = Choose an account
accounts-text = With which account would you like to go on?
accounts-other = Use another account

# Applications with access, under My account
apps-title = Applications with access
apps-text = You have allowed these applications, which are not ours, to access your account.
apps-none = You have allowed no application to access your account.
apps-withdraw = Withdraw access
apps-keep = Leave access
apps-withdraw-title = Withdraw access from { $app }?
apps-gets = What the access covers
apps-withdraw-what = What happens
apps-withdraw-at-once = Access ends at once: the application gets nothing more from us.
apps-withdraw-kept = It may have kept what it already got. To have that deleted, turn to the application. A session that is open there may last a little longer.
apps-withdraw-again = If you sign in there again, we will ask for your consent once more.
apps-withdraw-own = It is one of our own portals: at your next sign-in it will have access again without asking you.
account-done-app = Access is withdrawn.
