package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Auth says whose word counts for who the caller is.
type Auth string

// The ways to be known: by a signature, by a token, or, on one machine, not
// at all.
const (
	IAM  Auth = "IAM"
	JWT  Auth = "JWT"
	Open Auth = "OPEN"
)

// LocalOwner owns everything where access is open.
const LocalOwner = "local"

// ownerLimit is the longest owner that is taken, in bytes: an index's key ends
// at 2,048, and has more to carry.
const ownerLimit = 1024

// UnmarshalText reads the configuration's word.
func (a *Auth) UnmarshalText(text []byte) error {
	switch word := Auth(text); word {
	case IAM, JWT, Open:
		*a = word
		return nil
	}
	return fmt.Errorf("API_AUTH is %q; IAM, JWT or OPEN is allowed", text)
}

// owner is whom a request's videos belong to, by kind and whole name; empty,
// and where there is more to say why, when nobody was confirmed. Only what
// this way of authorization has confirmed counts.
func (a Auth) owner(request events.APIGatewayV2HTTPRequestContext) (owner, refused string) {
	switch by := request.Authorizer; {
	case a == Open:
		return LocalOwner, ""
	case by == nil:
	case a == JWT && by.JWT != nil:
		return ofToken(by.JWT.Claims)
	case a == IAM && by.IAM != nil:
		return named(ofIAM(by.IAM)), ""
	}
	return "", ""
}

// notAccess are claims of tokens that are no access tokens. The gateway does
// not show a token's typ, so these have to tell: an ID token has at_hash,
// c_hash or the nonce of its request (OpenID Connect Core, 2 and 3.3.2.11), a
// security event such as a logout token has events (RFC 8417, 2.2).
var notAccess = []string{"at_hash", "c_hash", "nonce", "events"}

// ofToken is a token's subject, of its issuer: two issuers may use one name. A
// subject is up to 255 characters (OpenID Connect Core, 2).
func ofToken(claims map[string]string) (owner, refused string) {
	use := claims["token_use"] // Amazon Cognito's: id or access
	isOther := slices.ContainsFunc(notAccess, func(claim string) bool { _, has := claims[claim]; return has })
	if isOther || use != "" && use != "access" {
		return "", "the token is not an access token; send the access token that came with it"
	}
	issuer, subject := claims["iss"], claims["sub"]
	if issuer == "" || subject == "" || strings.Contains(issuer, "|") { // a bar in a subject is its own
		return "", ""
	}
	return named("jwt:" + issuer + "|" + subject), ""
}

// ofIAM is the Cognito identity where there is one, since all identities of a
// pool sign with one role and one session name. Else it is userId: a user's
// unique id, or <role's unique id>:<session name>, or <account>:<name> of
// GetFederationToken, or the account of its root user (IAM User Guide,
// "Information available in all requests"). Unlike ARNs unique ids are never
// given twice. The last two are hashed, since no answer shows an account.
//
// Whoever assumes a role chooses the session's name, unless the role's trust
// policy pins it (sts:RoleSessionName): docs/security.md.
func ofIAM(by *events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription) string {
	if by.CognitoIdentity.IdentityID != "" {
		return "cognito:" + by.CognitoIdentity.IdentityID
	}
	switch id := by.UserID; {
	case id == "" || strings.HasSuffix(id, ":"): // a session without a name is nobody
		return ""
	case unicode.IsDigit(rune(id[0])):
		sum := sha256.Sum256([]byte(id))
		return "iam:sha256-" + hex.EncodeToString(sum[:16])
	default:
		return "iam:" + id
	}
}

// named is an owner that can be the key of an index and be told from all
// others: one that is too long, or was not readable when it came, is none.
func named(owner string) string {
	odd := func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }
	if len(owner) > ownerLimit || strings.ContainsFunc(owner, odd) {
		return ""
	}
	return owner
}
