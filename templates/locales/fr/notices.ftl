place-local = réseau local

notice-at = Date et heure : { $at }
notice-device = Appareil : { $device }
notice-place = Lieu ou réseau : { $place }
notice-unknown = inconnu
notice-by-operator = Fait par : { $realm }
notice-username = Nom d'utilisateur : { $username }
notice-was-you = C'était vous ? Vous n'avez rien à faire.
notice-not-me = Ce n'était pas vous ? Ouvrez cette page et confirmez : toutes vos sessions prennent alors fin et votre accès est bloqué, pour que personne ne l'utilise. La page fonctionne pendant { $days } jours.
notice-was-asked = Vous l'avez demandé ? Vous n'avez rien d'autre à faire.
notice-not-asked = Vous n'aviez rien demandé ? Ouvrez cette page et confirmez : toutes vos sessions prennent alors fin et votre accès est bloqué, pour que personne ne l'utilise. La page fonctionne pendant { $days } jours.
notice-not-me-link = Ce n'était pas moi

notice-new-device-subject = Connexion avec un nouvel appareil, { $realm }
notice-new-device-intro = Quelqu'un, sans doute vous, s'est connecté à votre accès avec un appareil ou un navigateur que nous ne connaissions pas.
notice-password-changed-subject = Votre mot de passe a été changé, { $realm }
notice-password-changed-intro = Le mot de passe de votre accès a été changé.
notice-sign-in-locked-subject = Plusieurs essais avec un mot de passe erroné, { $realm }
notice-sign-in-locked-intro = Quelqu'un a entré plusieurs fois un mot de passe erroné pour votre accès. Personne n'a pu se connecter. Pour vous protéger, un délai d'attente s'applique avant chaque nouvel essai.
notice-password-known-subject = Important : quelqu'un connaît peut-être votre mot de passe, { $realm }
notice-password-known-intro = Quelqu'un a entré le bon mot de passe de votre accès, puis plusieurs fois un code de confirmation erroné. Personne n'a pu se connecter. Si ce n'était pas vous, quelqu'un connaît votre mot de passe.
notice-factor-reset-subject = Votre second facteur a été retiré, { $realm }
notice-factor-reset-intro = Le second facteur de votre accès (téléphone ou application) a été retiré. Avec votre nouveau code d'activation, vous en choisirez un autre.
notice-credentials-replaced-subject = Mot de passe et second facteur remplacés, { $realm }
notice-credentials-replaced-intro = Le mot de passe et le second facteur de votre accès ont été remplacés.

not-me-title = Ce n'était pas vous ?
not-me-told = Notre message concernait :
not-me-about-account-created = la création de votre accès
not-me-about-new-device = une connexion avec un nouvel appareil
not-me-about-password-changed = le changement du mot de passe
not-me-about-sign-in-locked = plusieurs essais avec un mot de passe erroné
not-me-about-password-known = plusieurs codes de confirmation erronés après le bon mot de passe
not-me-about-factor-reset = le retrait du second facteur
not-me-about-credentials-replaced = le remplacement du mot de passe et du second facteur
not-me-will = Si ce n'était pas vous, bloquez votre accès. Toutes vos sessions prennent fin, sur tous les portails, et personne ne peut plus se connecter, vous non plus. Nous vous aidons ensuite à le débloquer.
not-me-else = C'était vous ? Fermez simplement cette page : rien ne change.
not-me-stop = Bloquer mon accès
not-me-done-title = Votre accès est bloqué
not-me-done-sessions = Toutes les sessions sont terminées, sur tous les portails.
not-me-done-stopped = Personne ne peut plus se connecter avec cet accès.
not-me-done-next = Appelez-nous ou écrivez-nous : nous vérifions avec vous ce qui s'est passé et débloquons votre accès.
not-me-gone-title = Ce lien ne fonctionne plus
not-me-gone-text = Il a déjà servi, il est trop ancien, ou l'adresse n'a pas été copiée en entier. Rien n'a été modifié.
not-me-gone-next = Si vous pensez que quelqu'un utilise votre accès, appelez-nous ou écrivez-nous tout de suite.

signin-username-alias-help = Votre adresse e-mail ou, si vous êtes assuré, votre numéro AVS.
