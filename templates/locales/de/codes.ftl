# Codes
identify-elsewhere = Dieser Code ist für «{ $population }»:
identify-elsewhere-go = weiter mit «{ $population }»
fault-code-elsewhere = Dieser Code gehört auf eine andere Seite: Folgen Sie dem Link dorthin.
data-account = Ihr Konto
data-account-hint = Sie wählen ein neues Passwort für dieses Konto. Im nächsten Schritt senden wir einen Code an diese Adresse.
