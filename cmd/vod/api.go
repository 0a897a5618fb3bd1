package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/engine"
)

// api speaks to a stack's REST API as any client of it does.
type api struct {
	base   string // URL, without a slash at its end
	client *http.Client
	// authorize is what the stack wants to see in a request.
	authorize func(request *http.Request, body []byte) error
}

// tokenVariable holds the JWT for a stack that wants one.
const tokenVariable = "VOD_TOKEN"

// newAPI knows from the stack's settings how its API is authorized.
func newAPI(stack deploy.Stack, region, secret string, client *http.Client, getenv func(string) string) (*api, error) {
	a := &api{base: strings.TrimSuffix(stack.Outputs["ApiUrl"], "/"), client: client}
	if a.base == "" {
		return nil, fmt.Errorf("the stack %q has no API yet: type \"make up\"", stack.Name)
	}
	switch issuer := stack.Setting("jwtIssuer"); {
	case issuer != "":
		token := getenv(tokenVariable)
		if token == "" {
			return nil, fmt.Errorf("the API of the stack %q wants a JWT of %s: set %s to one", stack.Name, issuer, tokenVariable)
		}
		a.authorize = bearer(token)
	case stack.Setting("apiOpen") == "true":
		a.authorize = func(*http.Request, []byte) error { return nil }
	default:
		a.authorize = signed(region, secret)
	}
	return a, nil
}

func bearer(token string) func(*http.Request, []byte) error {
	return func(request *http.Request, _ []byte) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// signed is IAM authorization: Signature Version 4 with the home's keys.
func signed(region, secret string) func(*http.Request, []byte) error {
	keys := aws.Credentials{AccessKeyID: engine.AccessKey, SecretAccessKey: secret}
	return func(request *http.Request, body []byte) error {
		sum := sha256.Sum256(body)
		hash := hex.EncodeToString(sum[:])
		request.Header.Set("X-Amz-Content-Sha256", hash)
		return v4.NewSigner().SignHTTP(request.Context(), keys, request, hash, "execute-api", region, time.Now())
	}
}

// apiVideo is what the API tells of a video, as far as it is shown here.
type apiVideo struct {
	ID             string          `json:"id"`
	VodGUID        string          `json:"vodGuid"`
	EncodingStatus contract.Status `json:"encodingStatus"`
	Progress       int64           `json:"progress"` // percent
	HLSURL         string          `json:"hlsUrl"`
	DASHURL        string          `json:"dashUrl"`
	MP4URLs        []string        `json:"mp4Urls"`
	PlaceholderURL string          `json:"placeholderUrl"`
	ThumbnailURLs  []string        `json:"thumbnailUrls"`
	ErrorCode      contract.Code   `json:"errorCode"`
	ErrorMessage   string          `json:"errorMessage"`
}

// problem is how the API refuses: its own way, or API Gateway's.
type problem struct {
	Detail  string `json:"detail"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (p problem) String() string {
	switch {
	case p.Code != "":
		return p.Detail + " (" + p.Code + ")"
	case p.Detail != "":
		return p.Detail
	default:
		return p.Message
	}
}

// maxAnswer is far beyond any answer of an HTTP API, in bytes.
const maxAnswer = 10 << 20

// call sends a request with a JSON body, nil for none, and reads the answer
// into out, nil where it does not matter.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if err := a.authorize(request, body); err != nil {
		return fmt.Errorf("sign %s %s: %w", method, path, err)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return refusal(response, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("the answer to %s %s is not as the contract says: %w", method, path, err)
	}
	return nil
}

// apiRefusal is an answer that is no success.
type apiRefusal struct{ text string }

func (r *apiRefusal) Error() string { return r.text }

// refusal is the API's own sentence, where it has one.
func refusal(response *http.Response, answer []byte) error {
	text := "the API answers " + response.Status
	if response.StatusCode == http.StatusUnauthorized && strings.HasPrefix(response.Request.Header.Get("Authorization"), "Bearer ") {
		text = "the API does not take the token in " + tokenVariable
	}
	var p problem
	if json.Unmarshal(answer, &p) == nil && p.String() != "" {
		text += ": " + p.String()
	}
	return &apiRefusal{text}
}
