mail-greeting = Guten Tag
mail-closing = Freundliche Grüsse
mail-contact = Fragen?
mail-asked-from = Angefragt von: { $from }
mail-never-ask = Geben Sie diesen Code niemandem bekannt. Wir fragen nie am Telefon oder per E-Mail danach.

mail-code-subject = { $code } ist Ihr Bestätigungscode, { $realm }
mail-code-intro = Hier ist Ihr Bestätigungscode:
mail-code-intro-app = Hier ist Ihr Bestätigungscode für { $app }:
mail-code-use = Geben Sie ihn auf der noch offenen Seite ein. Er ist { $minutes } Minuten gültig.
mail-code-not-you = Sie haben nichts angefragt? Dann ignorieren Sie diese Nachricht: Ohne diesen Code geschieht nichts.

mail-taken-subject = Sie haben bereits einen Zugang, { $realm }
mail-taken-intro = Jemand, vermutlich Sie, wollte mit dieser E-Mail-Adresse einen Zugang einrichten. Mit dieser Adresse besteht bereits ein Zugang.
mail-taken-intro-app = Jemand, vermutlich Sie, wollte mit dieser E-Mail-Adresse einen Zugang zu { $app } einrichten. Mit dieser Adresse besteht bereits ein Zugang.
mail-taken-do = Waren Sie es? Melden Sie sich im Portal mit dieser Adresse und Ihrem Passwort an. Für einen zweiten Zugang (zum Beispiel als Arbeitgeber) verwenden Sie eine andere E-Mail-Adresse.
mail-taken-not-you = Waren Sie es nicht? Sie müssen nichts tun: Es wurde nichts geändert.

mail-created-subject = Ihr Zugang ist bereit, { $realm }
mail-created-intro = Ihr Zugang wurde am { $at } eingerichtet.
mail-created-username = Benutzername: { $username }
mail-created-portal = Das Portal steht Ihnen jederzeit zur Verfügung:

sms-code = Ihr Code: { $code }
