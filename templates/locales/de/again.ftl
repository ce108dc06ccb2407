# Noch einmal: Die Sitzung genügt nicht
signin-again = Sie sind als { $username } angemeldet. Melden Sie sich bitte noch einmal an, um fortzufahren: Das schützt Ihre Daten.
