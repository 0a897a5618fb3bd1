package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Keyring is the keys that requests may be signed with: the home's own, and
// those that STS and IAM have handed out to whoever has that one. The CDK's
// command line signs most of its requests as a role that it assumes.
type Keyring struct {
	Root aws.Credentials
	// File keeps the others over a restart; the control plane keeps its users
	// and roles, too.
	File string
	Log  *slog.Logger

	mu     sync.Mutex
	issued map[string]issuedKey // by access key; nil before the first use
}

// issuedKey is one that STS or IAM has handed out.
type issuedKey struct {
	Secret  string    `json:"secret"`
	Token   string    `json:"token,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

// Find is for Verifier.Key.
func (k *Keyring) Find(accessKey string) (aws.Credentials, bool) {
	if accessKey == k.Root.AccessKeyID {
		return k.Root, k.Root.SecretAccessKey != ""
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.load()
	issued, ok := k.issued[accessKey]
	if !ok || issued.expired(time.Now()) {
		return aws.Credentials{}, false
	}
	return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: issued.Secret, SessionToken: issued.Token}, true
}

func (i issuedKey) expired(now time.Time) bool { return !i.Expires.IsZero() && now.After(i.Expires) }

// Watch returns a handler that learns the keys which STS and IAM hand out,
// and forgets those that are deleted or made inactive. Its requests have been
// verified.
func (k *Keyring) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := readClaim(r)
		if err != nil || c.service != "sts" && c.service != "iam" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			refuse(w, r, &Refusal{"IncompleteBody", "The request's body ended early."})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Del("Accept-Encoding") // the answer is read here
		answer := &heldAnswer{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(answer, r)
		if answer.status == http.StatusOK {
			k.learn(parameters(r, body), answer.body.Bytes())
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.body.Bytes()) // a client that is gone needs no answer
	})
}

// heldAnswer keeps an answer until it has been read.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) Header() http.Header         { return h.header }
func (h *heldAnswer) WriteHeader(status int)      { h.status = status }
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }

// parameters are those of the query protocol.
func parameters(r *http.Request, body []byte) url.Values {
	if form, err := url.ParseQuery(string(body)); err == nil && form.Has("Action") {
		return form
	}
	return r.URL.Query()
}

var (
	accessKeyID = regexp.MustCompile(`<AccessKeyId>([^<]+)</AccessKeyId>`)
	secretKey   = regexp.MustCompile(`<SecretAccessKey>([^<]+)</SecretAccessKey>`)
	token       = regexp.MustCompile(`<SessionToken>([^<]+)</SessionToken>`)
	expiration  = regexp.MustCompile(`<Expiration>([^<]+)</Expiration>`)
)

func (k *Keyring) learn(request url.Values, answer []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.load()
	switch action := request.Get("Action"); {
	case action == "DeleteAccessKey" || action == "UpdateAccessKey" && request.Get("Status") == "Inactive":
		delete(k.issued, request.Get("AccessKeyId"))
	case first(accessKeyID, answer) != "" && first(secretKey, answer) != "":
		key := issuedKey{Secret: first(secretKey, answer), Token: first(token, answer)}
		if text := first(expiration, answer); text != "" {
			expires, err := time.Parse(time.RFC3339, text)
			if err != nil {
				expires = time.Now().Add(time.Hour) // AWS's default
			}
			key.Expires = expires
		}
		k.issued[first(accessKeyID, answer)] = key
	default:
		return
	}
	if err := k.save(); err != nil {
		k.Log.Error("the keys that were handed out cannot be kept", "error", err)
	}
}

func first(pattern *regexp.Regexp, text []byte) string {
	if m := pattern.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

// load reads the file, once.
func (k *Keyring) load() {
	if k.issued != nil {
		return
	}
	k.issued = map[string]issuedKey{}
	data, err := os.ReadFile(k.File)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = json.Unmarshal(data, &k.issued)
	}
	if err != nil {
		k.Log.Error("the keys that were handed out cannot be read", "error", err)
	}
}

func (k *Keyring) save() error {
	now := time.Now()
	for id, key := range k.issued {
		if key.expired(now) {
			delete(k.issued, id)
		}
	}
	data, err := json.MarshalIndent(k.issued, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(k.File+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return os.Rename(k.File+".new", k.File)
}
