# Employers, funds, portals
fault-company-name = Write the company's name, not only its legal form.
code-lost-title = Lost your code?
code-lost = Contact us ({ $realm }): we send you a new code by post. To protect your data it is told neither by telephone nor by e-mail.

not-served-title = This portal is not meant for your access
not-served-as = You are signed in as { $username }.
not-served-for = { $app } is for:
not-served-yours = With your access ({ $population }) you can use:
not-served-none = No portal is meant for your access ({ $population }). See how to reach us at the bottom of the page.
not-served-other = Sign in with another access
not-served-sign-out = Sign out
