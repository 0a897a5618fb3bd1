package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// services are those that a video's functions call. On AWS each has a host of
// its own, so here each has a port of its own.
var services = []string{"DYNAMODB", "S3", "SFN", "SNS", "SQS", "MEDIACONVERT"}

// A cloud is the services over HTTPS on loopback, as far as one video needs
// them. They answer at once and always the same; what they answer about the
// video is set before the call.
type cloud struct {
	servers []*httptest.Server
	env     []string
	opened  atomic.Int64 // connections
	asked   atomic.Int64 // requests

	mutex   sync.RWMutex // of what follows
	about   situation
	objects map[string][]byte // by bucket and key
	keys    []string          // of objects, in order
}

// tell sets what the tables say from now on.
func (c *cloud) tell(about situation) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.about = about
}

// A situation is what the tables say about the video when a function is
// called: its record before and after a change, its row, and its running job.
type situation struct{ record, changed, row, running attributes }

// systemCAs are where Linux distributions keep the certificates that they
// trust.
var systemCAs = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

func newCloud(dir string) (*cloud, error) {
	c := &cloud{objects: map[string][]byte{}}
	for _, service := range services {
		server := httptest.NewUnstartedServer(c.handler(service))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				c.opened.Add(1)
			}
		}
		server.TLS = &tls.Config{NextProtos: []string{"http/1.1"}} // as most of AWS's endpoints
		server.StartTLS()
		c.servers = append(c.servers, server)
		c.env = append(c.env, "AWS_ENDPOINT_URL_"+service+"="+server.URL)
	}
	// The functions trust what the system does, as on Lambda, and these.
	var trusted []byte
	for _, file := range systemCAs {
		if text, err := os.ReadFile(file); err == nil {
			trusted = text
			break
		}
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.servers[0].Certificate().Raw})
	file := filepath.Join(dir, "trusted.pem")
	if err := os.WriteFile(file, append(trusted, own...), 0o600); err != nil {
		return nil, err
	}
	c.env = append(c.env, "SSL_CERT_FILE="+file)
	return c, nil
}

func (c *cloud) close() {
	for _, server := range c.servers {
		server.Close()
	}
}

// put stores an object.
func (c *cloud) put(bucket, key string, data []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.objects[bucket+"/"+key] = data
	c.keys = append(c.keys, bucket+"/"+key)
	slices.Sort(c.keys)
}

func (c *cloud) handler(service string) http.Handler {
	answer := map[string]http.HandlerFunc{"DYNAMODB": c.dynamoDB, "S3": c.s3, "SNS": sns, "MEDIACONVERT": mediaConvert}[service]
	if answer == nil {
		answer = nothing
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.mutex.RLock()
		defer c.mutex.RUnlock()
		answer(w, r)
	})
}

// nothing is what Step Functions answers when a task is completed, and good
// enough for its other calls.
func nothing(w http.ResponseWriter, r *http.Request) {
	answer := map[string]any{}
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "StartExecution":
		answer = map[string]any{"executionArn": "arn", "startDate": 1767225600.123}
	case "SendMessage":
		body, _ := io.ReadAll(r.Body)
		var message struct{ MessageBody string }
		_ = json.Unmarshal(body, &message)
		answer = map[string]any{"MessageId": "1", "MD5OfMessageBody": md5Hex(message.MessageBody)}
	}
	writeJSON(w, "application/x-amz-json-1.0", answer)
}

func sns(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>`)
}

// s3 heads, gets and lists objects; everything else it takes.
func (c *cloud) s3(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if key == "" && r.Method == http.MethodGet {
		c.list(w, bucket, r.URL.Query().Get("prefix"), r.URL.Query().Get("max-keys"))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return
	}
	data, ok := c.objects[bucket+"/"+key]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", `"`+objectETag+`"`)
	w.Header().Set("x-amz-version-id", objectVersion)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (c *cloud) list(w http.ResponseWriter, bucket, prefix, most string) {
	type object struct {
		Key, ETag string
		Size      int
	}
	var list struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []object
	}
	limit, err := strconv.Atoi(most)
	if err != nil {
		limit = 1000
	}
	for _, name := range c.keys {
		key, ok := strings.CutPrefix(name, bucket+"/")
		if ok && strings.HasPrefix(key, prefix) && len(list.Contents) < limit {
			list.Contents = append(list.Contents, object{key, objectETag, len(c.objects[name])})
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(list)
}

func mediaConvert(w http.ResponseWriter, r *http.Request) {
	var answer any = map[string]any{"job": map[string]any{"id": benchJob, "status": "SUBMITTED"}}
	if strings.HasSuffix(r.URL.Path, "/probe") {
		answer = json.RawMessage(benchProbe)
	} else if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/jobs") {
		answer = map[string]any{"jobs": []any{}}
	}
	writeJSON(w, "application/json", answer)
}

func writeJSON(w http.ResponseWriter, kind string, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(text)
}
