# Codes
identify-elsewhere = Ce code est pour «{ $population }» :
identify-elsewhere-go = continuer avec «{ $population }»
fault-code-elsewhere = Ce code est pour une autre page : suivez le lien qui y mène.
data-account = Votre compte
data-account-hint = Vous choisissez un nouveau mot de passe pour ce compte. À l'étape suivante, nous envoyons un code à cette adresse.
