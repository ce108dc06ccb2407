account-title = Mon compte
account-done-session = La session est terminée.
account-done-language = La langue de vos messages est enregistrée.
account-done-password = Votre mot de passe est changé. Toutes vos autres sessions sont terminées.
account-safety-both = Votre accès est protégé par un mot de passe et par un second facteur.
account-safety-password = Votre accès est protégé par un mot de passe.
account-others = { $count ->
    [0] Aucune autre session n'est ouverte.
    [one] Une autre session est ouverte : vérifiez ci-dessous que c'est bien la vôtre.
   *[other] { $count } autres sessions sont ouvertes : vérifiez ci-dessous que ce sont bien les vôtres.
 }
account-name = Nom
account-population = Groupe
account-created = Accès créé le
account-access-ends = Votre accès prend fin le
account-change = Changer
account-change-password = le mot de passe
account-factors = Second facteur
account-factor-sms = SMS
account-factor-totp = Application d'authentification
account-since = Depuis le
account-last-used = Dernière utilisation le
account-never-used = Pas encore utilisé pour se connecter
account-no-factors = Aucun second facteur n'est demandé pour votre accès.
account-sessions = Connexions et appareils
account-last-login = Dernière connexion :
account-previous-login = Connexion précédente :
account-first-login = C'est votre première connexion.
account-device-unknown = Appareil inconnu
account-this-session = cette session
account-sign-out = Déconnexion
account-end = Terminer
account-end-session = la session : { $device }
account-everywhere-text = Vous avez utilisé un appareil qui n'est pas le vôtre, ou vous avez un doute ? Terminez toutes les sessions, celle-ci comprise.
account-everywhere = Se déconnecter partout
account-portals = Portails utilisés
account-last-sign-in = Dernière connexion le
account-no-portals = Vous n'avez encore utilisé aucun portail.
account-terms = Conditions acceptées
account-terms-version = version { $version }
account-terms-registration = Acceptées à l'inscription, le
account-terms-sign-in = Acceptées à la connexion, le
account-terms-operator = Acceptées auprès de nous, le
account-terms-read = Lire
account-no-terms = Vous n'avez pas encore accepté de conditions d'utilisation.
account-language = Langue de vos messages
account-language-label = Nous vous écrivons en
account-save = Enregistrer

account-password-title = Changer le mot de passe
account-password-text = Vous restez connecté ici. Toutes vos autres sessions prennent fin.
account-password-current = Mot de passe actuel
account-password-rule = Votre nouveau mot de passe :
account-password-new = Nouveau mot de passe
account-password-repeat = Répéter le nouveau mot de passe
account-password-submit = Changer le mot de passe
fault-wrong-password = Le mot de passe actuel n'est pas juste.
fault-password-same = C'est déjà votre mot de passe actuel. Choisissez-en un autre.
