factor-sms-ask = Demandez un code par SMS au { $number }.

# Mot de passe oublié
recovery-title = Mot de passe oublié
recovery-text = Indiquez votre nom d'utilisateur. Nous vous enverrons un code par e-mail, puis vous choisirez un nouveau mot de passe.
recovery-code-title = Consultez vos e-mails
recovery-code-text = Si un accès existe pour { $name }, un code a été envoyé à l'adresse e-mail de cet accès.
recovery-spam = Regardez aussi dans le dossier des courriers indésirables et vérifiez le nom d'utilisateur indiqué ci-dessus.
recovery-resent = Si un accès existe, un nouveau code vient d'être envoyé. Le précédent reste valable jusqu'à son échéance.
recovery-password-title = Choisissez un nouveau mot de passe
recovery-password-text = Il remplace l'ancien dès que vous l'enregistrez.
recovery-password-label = Nouveau mot de passe
recovery-password-submit = Enregistrer le mot de passe
recovery-done-title = Votre mot de passe est changé
recovery-done-text = Connectez-vous maintenant avec le nouveau mot de passe.
recovery-done-sessions = Par sécurité, toutes vos sessions ouvertes ont pris fin, sur tous les appareils. Une confirmation vous parvient par e-mail.
stopped-recovery-elsewhere-title = Recommencez ici
stopped-recovery-elsewhere = Cette demande a été commencée dans un autre navigateur, ou elle n'existe plus. Pour votre sécurité, elle ne continue que là où elle a commencé.
stopped-recovery-over-title = Cette demande a pris fin
stopped-recovery-over = Une demande de nouveau mot de passe n'est valable qu'un moment, et prend fin si l'accès a changé entre-temps. Cette demande n'a rien modifié. Vous pouvez recommencer.
stopped-recovery-letter-title = Il faut un nouveau code d'activation
stopped-recovery-letter = Votre accès n'a plus de second facteur. Par sécurité, le mot de passe ne peut pas être changé par e-mail seul. Utilisez le code d'activation que vous avez reçu par la poste.
recovery-letter-ask = Vous n'avez pas de code ? Adressez-vous à nous :
recovery-enter-code = Entrer le code d'activation
recovery-restart = Recommencer

# Second facteur perdu
lost-link = Vous n'avez plus accès à ce téléphone ou à cette application ?
lost-title = Vous n'avez plus accès à votre second facteur
lost-why = Pour votre sécurité, le second facteur ne peut pas être retiré sur simple appel ou e-mail, pas même par nos collaborateurs.
lost-how = Voici comment retrouver votre accès
lost-contact = Adressez-vous à nous :
lost-identity = Nous vérifions votre identité. Préparez une pièce d'identité et vos documents de prévoyance.
lost-letter = Nous vous envoyons un nouveau code d'activation par la poste, à l'adresse que nous connaissons.
lost-again = Avec ce code, vous choisissez un nouveau second facteur.
lost-meanwhile = Si vous retrouvez votre téléphone ou votre application, rien n'est perdu : connectez-vous comme d'habitude.
lost-back = Retour

# Courriel
mail-reset-subject = { $code } est votre code pour un nouveau mot de passe, { $realm }
mail-reset-intro = Voici le code pour choisir un nouveau mot de passe :
mail-reset-use = Entrez-le sur la page restée ouverte. Il est valable { $minutes } minutes. Votre second facteur vous sera demandé ensuite, si vous en avez un.
mail-reset-not-you = Vous n'avez rien demandé ? Ignorez ce message : sans ce code, votre mot de passe reste le même.
