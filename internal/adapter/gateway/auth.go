package gateway

import (
	"fmt"
	"strings"

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

// owner is whom a request's videos belong to, empty when nobody was confirmed.
// Only what this way of authorization has confirmed counts.
func (a Auth) owner(request events.APIGatewayV2HTTPRequestContext) string {
	owner := ""
	switch by := request.Authorizer; {
	case a == Open:
		owner = LocalOwner
	case by == nil:
	case a == JWT && by.JWT != nil:
		owner = by.JWT.Claims["sub"]
	case a == IAM && by.IAM != nil:
		owner = ofIAM(by.IAM)
	}
	if len(owner) > ownerLimit {
		return ""
	}
	return owner
}

// ofIAM is the Cognito identity where there is one. Else it is the unique id
// of a user, or of a role, whose sessions are all one owner: userId is then
// <role id>:<session name>.
func ofIAM(by *events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription) string {
	if by.CognitoIdentity.IdentityID != "" {
		return by.CognitoIdentity.IdentityID
	}
	id, _, _ := strings.Cut(by.UserID, ":")
	return id
}
