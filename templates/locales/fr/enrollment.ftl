# Inscription
population-title = Inscription
population-text = Qui êtes-vous ?
step-1 = Identification
step-2 = Données d'utilisateur
step-3 = Confirmer l'e-mail
step-4 = Sélection à deux facteurs
step-5 = Confirmez les deux facteurs
step-of = Étape { $step } sur 5
step-done = (terminé)

identify-text = Veuillez entrer les identifiants.
label-avs-number = Numéro AVS
hint-avs-number = 13 chiffres : 756.xxxx.xxxx.xx
help-avs-number = Le numéro commence toujours par 756. Il figure aussi sur votre carte d'assurance-maladie. Avec ou sans points, les deux conviennent.
label-birth-date = Date de naissance
hint-birth-date = jj.mm.aaaa, par exemple 12.03.1984
help-birth-date = Si le jour ou le mois n'est pas connu dans vos papiers, écrivez 00 à sa place, par exemple 00.00.1962.
label-activation-code = Code d'activation
hint-activation-code = 12 caractères, dans la lettre ou sur le certificat que vous avez reçu, par exemple ABCD-EFGH-JKMN
help-activation-code = Le code ne contient ni 0, 1, I, L ni O. Majuscules, tirets et espaces sont sans importance. Si vous n'avez plus le code, demandez-le à nouveau : nos coordonnées sont au bas de la page.
terms-legend = Conditions d'utilisation
terms-read = Lire les conditions d'utilisation (nouvel onglet)
terms-accept = J'ai lu les conditions d'utilisation et je les accepte.
terms-accepted = Lues et acceptées
terms-version = Version { $version }, en vigueur depuis le { $day }
identified-text = Cette étape est terminée. Vous n'avez pas à vous identifier une seconde fois.

title-label = Titre de civilité
title-choose = Sélectionner
title-ms = Madame
title-mr = Monsieur
title-none = Sans titre
family-name = Nom
given-name = Prénom
email-label = Adresse e-mail
email-hint = Ce sera votre nom d'utilisateur. Nous y envoyons un code de confirmation.
password-label = Mot de passe
password-repeat = Répéter le mot de passe
password-rule = Votre mot de passe :
password-rule-length = au moins { $min } caractères
password-rule-groups = avec des chiffres, des minuscules, des majuscules et des caractères spéciaux (par exemple ! ? . - +)

email-sent = Nous avons envoyé un code de confirmation à { $email }.
email-code-label = Code de confirmation
email-spam = S'il n'est pas dans votre boîte de réception, regardez dans le dossier des courriers indésirables (spam).
email-change = L'adresse n'est pas juste ? «Retour» permet de la corriger.
email-confirmed = L'adresse { $email } est confirmée.

choose-text = Votre accès est en plus protégé par une authentification à deux facteurs : à chaque connexion, un code à 6 chiffres vous est demandé après le mot de passe.
choose-legend = Comment voulez-vous recevoir ce code ?
choose-sms = SMS sur un téléphone mobile
choose-sms-hint = Nous vous envoyons le code par message texte.
choose-totp = Application d'authentification
choose-totp-hint = Une application sur votre téléphone affiche le code, même sans réseau.
choose-only-sms = Un numéro de téléphone mobile est obligatoire : à chaque connexion, un code par SMS vous est demandé en plus du nom d'utilisateur et du mot de passe. Il vous parvient par un autre chemin et n'est valable que peu de temps.
choose-only-totp = Une application d'authentification sur votre téléphone affichera le code.
phone-label = Numéro de téléphone mobile
phone-hint = Par exemple 079 123 45 67 ou +33 6 12 34 56 78
phone-change = Le numéro n'est pas juste ? «Retour» permet de le corriger.

confirm-sms-text = Nous avons envoyé un code par SMS au { $number }.
totp-install = Ouvrez une application d'authentification sur votre téléphone. Si vous n'en avez pas, installez-en une depuis le magasin d'applications.
totp-scan = Ajoutez un compte et scannez ce code QR.
totp-qr = Code QR pour l'application d'authentification
totp-cannot-scan = Vous ne pouvez pas scanner le code, ou vous lisez cette page sur ce téléphone ?
totp-type = Entrez cette clé dans l'application :
totp-settings = Réglages : basé sur le temps, 6 chiffres, 30 secondes.
totp-open = Ouvrir l'application sur cet appareil
totp-enter = Recopiez le code que l'application affiche.

success-title = C'est fait !
success-text = Votre accès est prêt. Le portail est dès maintenant à votre disposition, à tout moment.
success-username = Votre nom d'utilisateur : { $username }
success-logout = Terminez toujours la session protégée par «Déconnexion».

cancelled-title = Inscription interrompue
cancelled-text = Rien n'a été enregistré. Votre code reste valable : vous pouvez recommencer quand vous voulez.
cancelled-restart = Recommencer l'inscription

stopped-unknown-title = Cette inscription n'est pas connue ici
stopped-unknown = Elle a été commencée dans un autre navigateur, ou il y a longtemps. Rien n'est perdu : votre code reste valable. Recommencez avec votre code.
stopped-expired-title = Cette inscription a été laissée trop longtemps
stopped-expired = Une inscription peut être reprise pendant 24 heures. Rien n'est perdu : votre code reste valable. Recommencez avec votre code.
stopped-superseded-title = Cette inscription a été recommencée
stopped-superseded = Une inscription plus récente a été commencée avec le même code, dans un autre onglet ou sur un autre appareil. Continuez là-bas, ou recommencez ici avec votre code.
stopped-code-gone-title = Ce code ne peut plus être utilisé
stopped-code-gone = Pendant votre inscription, le code est arrivé à échéance ou a été remplacé. Utilisez le code de votre document le plus récent, ou demandez-en un nouveau : les coordonnées sont au bas de la page.
stopped-code-used-title = Vous avez déjà un compte
stopped-code-used = Ce code a déjà servi à créer votre accès. Connectez-vous avec votre adresse e-mail. Si ce n'est pas vous qui l'avez utilisé, avertissez-nous sans attendre : les coordonnées sont au bas de la page.
stopped-account-exists-title = Vous avez déjà un compte
stopped-account-exists = Un accès existe déjà à votre nom. Connectez-vous avec votre adresse e-mail. Si ce n'est pas vous qui l'avez créé, avertissez-nous sans attendre : les coordonnées sont au bas de la page.
stopped-email-taken-title = Cette adresse e-mail a déjà un compte
stopped-email-taken = Un accès existe déjà avec cette adresse e-mail. Donnez une autre adresse pour cette inscription. Votre code reste valable.
stopped-terms-changed-title = Les conditions d'utilisation ont changé
stopped-terms-changed = De nouvelles conditions sont en vigueur depuis que vous avez commencé. Recommencez avec votre code, qui reste valable, pour les lire et les accepter.
stopped-change-email = Changer l'adresse e-mail
