# Conditions d'utilisation à la connexion
accept-terms-title = Conditions d'utilisation à accepter
accept-terms-title-new = Nouvelles conditions d'utilisation
accept-terms-first = Avant de continuer, veuillez lire et accepter les conditions d'utilisation. Cela n'est demandé qu'une fois par version.
accept-terms-again = Une nouvelle version des conditions d'utilisation est en vigueur depuis le { $day }. Pour continuer, veuillez la lire et l'accepter.
accept-terms-earlier = Relire la version que vous aviez acceptée (nouvel onglet)
accept-terms-renewed = Rien n'a été accepté : la page que vous aviez sous les yeux n'est plus actuelle. Voici les conditions en vigueur.
accept-terms-print = Ouvrir les conditions pour les imprimer (nouvel onglet)
accept-terms-refusing = Sans votre accord, le portail ne peut pas être utilisé. Si vous refusez, vous y retournez sans y avoir accès ; à la prochaine connexion, vous pourrez encore accepter.
accept-terms-next = Accepter et continuer
accept-terms-refuse = Refuser
terms-version-to-come = Version { $version }, en vigueur à partir du { $day }
terms-version-over = Version { $version }, entrée en vigueur le { $day }, aujourd'hui remplacée ou retirée
terms-current = Lire les conditions en vigueur
