# Arbeitgeber, Kassen, Portale
fault-company-name = Schreiben Sie den Namen der Firma, nicht nur ihre Rechtsform.
code-lost-title = Code verloren?
code-lost = Wenden Sie sich an uns ({ $realm }): Wir schicken Ihnen einen neuen Code per Post. Zum Schutz Ihrer Daten wird er weder am Telefon noch per E-Mail mitgeteilt.

not-served-title = Dieses Portal ist nicht für Ihren Zugang bestimmt
not-served-as = Sie sind als { $username } angemeldet.
not-served-for = { $app } richtet sich an:
not-served-yours = Mit Ihrem Zugang ({ $population }) können Sie benutzen:
not-served-none = Für Ihren Zugang ({ $population }) ist kein Portal vorgesehen. Sie erreichen uns über die Angaben unten auf der Seite.
not-served-other = Mit einem anderen Zugang anmelden
not-served-sign-out = Abmelden
