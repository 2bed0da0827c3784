/** What a refusal at an account's door means, and what a person does about it. */

/** Sources: STS and EC2 API references, "Common errors"; our own codes start with `CloudOptim.`. */
const mends: Readonly<Record<string, string>> = {
  AccessDenied: "let the role trust us with the tenant's external id, and grant it the observer policy",
  AccessDeniedException: "grant the role the observer policy, and look for an organisation policy that denies it",
  UnauthorizedOperation: "grant the role the observer policy, and look for an organisation policy that denies it",
  AuthFailure: "enable the region for the account or take it off the list, and check the credentials",
  OptInRequired: "enable the region for the account or take it off the list",
  ExpiredToken: "renew the session that we run under",
  ExpiredTokenException: "renew the session that we run under",
  RequestExpired: "set the clock of the machine that we run on",
  SignatureDoesNotMatch: "check the secret key that we run under, and the clock of the machine",
  InvalidClientTokenId: "check the access key that we run under: it is unknown, deleted or of another partition",
  UnrecognizedClientException: "check the access key that we run under: it is unknown, deleted or of another partition",
  RegionDisabledException: "activate the security token service in the region",
  CredentialsProviderError: "give the process credentials: it found none",
  RequestLimitExceeded: "nothing: the account's tools use up its request limit, the next sweep tries again",
  Throttling: "nothing: the account's tools use up its request limit, the next sweep tries again",
  ThrottlingException: "nothing: the account's tools use up its request limit, the next sweep tries again",
  "CloudOptim.NoAnswer": "nothing, if it passes: AWS gave no answer, the next sweep tries again",
  "CloudOptim.WrongAccount": "correct the role: it leads into another account",
  "CloudOptim.PageLoop": "report it: the listing never ends"
}

export const mendOf = (code: string): string =>
  mends[code] ?? "look the code up in AWS's error reference and check the role's trust and rights"
