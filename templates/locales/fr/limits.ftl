# Trop de demandes d'une même adresse
oops-too-many-title = Trop de demandes
oops-too-many = Un très grand nombre de connexions ont été commencées depuis votre réseau. Pour protéger le service, nous n'en acceptons pas d'autres pour le moment. Rien de ce que vous aviez enregistré n'est perdu.
oops-too-many-retry = Attendez { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
 }, puis retournez au portail et recommencez. Si vous êtes dans les locaux d'une entreprise, prévenez son service informatique.
