# Too many requests from one address
oops-too-many-title = Too many requests
oops-too-many = Very many sign-ins were begun from your network. To protect the service we accept no more of them for now. Nothing that you had saved is lost.
oops-too-many-retry = Wait { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
 }, then go back to the portal and begin again. If you are in a company's network, tell its IT service.
