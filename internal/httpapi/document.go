package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/video"
)

const (
	documentTitle   = "vodstack"
	documentVersion = "1.0.0"
	documentAbout   = "Upload a video, follow its encode, play the result.\n\n" +
		"Create a video, PUT its file to the URL of the answer, then read the video until it is Complete or Error. " +
		"Each caller has their own videos and sees no others: a video of somebody else is as unknown as one that was never there.\n\n" +
		"An error is application/problem+json with a code of docs/errors.md. What the gateway in front of the API refuses (a caller that is not confirmed, " +
		"too many requests) is application/json with a message. In requests null counts as absent; answers leave out what does not apply."
)

// everyCode are the problems that every route but the health check may answer
// with; withBody those of a route that takes a body.
var (
	everyCode = []contract.Code{contract.CodeUnauthenticated, contract.CodeNotAcceptable, contract.CodeRequestUnreadable,
		contract.CodeInternal, contract.CodeThrottled, contract.CodeUnavailable}
	withBody = []contract.Code{contract.CodeBodyTooLarge, contract.CodeBodyTypeUnsupported}
)

// byGateway are the statuses that API Gateway itself answers with.
var byGateway = []int{401, 403, 413, 429, 500, 503}

// DefaultSettings are the limits of a deployment that configures none.
func DefaultSettings() Settings {
	return Settings{
		MaxBytes: 50 << 30, SingleBytes: 64 << 20,
		Types:         []string{"video/*", "audio/*", "application/mxf", "application/octet-stream"},
		ArchiveSource: noArchive,
		Options:       []string{"archiveSource", "frameCapture", "inputRotate"},
		OpenUploads:   100, Encodes: 100,
	}
}

// noArchive is the archiveSource of a stack that archives nothing by itself.
const noArchive = "DISABLED"

// archives tells whether the stack has a storage class for archives.
func (s Settings) archives() bool { return s.ArchiveSource != "" && s.ArchiveSource != noArchive }

func (s Settings) isDefault() bool {
	normal := DefaultSettings()
	return s.MaxBytes == normal.MaxBytes && s.archives() == normal.archives() &&
		slices.Equal(s.Types, normal.Types) && slices.Equal(sorted(s.Options), sorted(normal.Options))
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// Document is the OpenAPI document of an API with these limits, made of the
// types that its handlers take and return.
func Document(limits Settings) ([]byte, error) {
	api := newHuma(http.NewServeMux())
	routes := (&API{Settings: limits}).routes()
	for _, route := range routes {
		route.register(api)
	}
	d := documenter{doc: api.OpenAPI(), routes: routes, limits: limits}
	d.describe()
	text, err := json.MarshalIndent(d.doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// documenter writes what the types do not say: errors, who may call, and the
// deployment's limits.
type documenter struct {
	doc    *huma.OpenAPI
	routes []route
	limits Settings
}

func (d documenter) describe() {
	d.doc.Info.Description = documentAbout
	d.doc.Info.License = nil
	d.doc.Servers = []*huma.Server{{URL: "/", Description: "The API's own address, the stack's output ApiUrl."}}
	d.doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"jwt": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
			Description: "Where a JWT issuer is configured: its token, whose sub is the owner of the videos."},
		"sigv4": {Type: "apiKey", In: "header", Name: "Authorization",
			Description: "Where none is: a request signed with Signature Version 4 for the service execute-api. The owner is the identity that signs.",
			Extensions:  map[string]any{"x-amazon-apigateway-authtype": "awsSigv4"}},
	}
	d.doc.Security = []map[string][]string{{"jwt": {}}, {"sigv4": {}}}
	for _, op := range d.routes {
		d.operation(op.operation, methodOf(d.doc.Paths[op.path], op.method))
	}
	d.schemas()
	d.share()
}

// share puts answers that several routes have in one place.
func (d documenter) share() {
	shared := map[string]*huma.Response{}
	names := map[string]string{} // by what they say
	for _, op := range d.routes {
		doc := methodOf(d.doc.Paths[op.path], op.method)
		for _, status := range slices.Sorted(maps.Keys(doc.Responses)) {
			if status < "400" {
				continue
			}
			said := marshal(doc.Responses[status])
			name, known := names[said]
			if !known {
				name = "Error" + status
				for n := 2; shared[name] != nil; n++ {
					name = fmt.Sprintf("Error%s-%d", status, n)
				}
				names[said], shared[name] = name, doc.Responses[status]
			}
			doc.Responses[status] = &huma.Response{Ref: "#/components/responses/" + name}
		}
	}
	d.doc.Components.Responses = shared
}

func methodOf(item *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPatch:
		return item.Patch
	}
	return item.Delete
}

func (d documenter) operation(op operation, doc *huma.Operation) {
	doc.Summary, doc.Description = op.summary, op.about
	delete(doc.Responses, "default")
	doc.Responses[strconv.Itoa(op.status)].Description = op.summary + ": done."
	if op.public {
		doc.Security = []map[string][]string{}
		d.problems(doc, []contract.Code{contract.CodeRequestInvalid, contract.CodeRequestUnreadable, contract.CodeNotAcceptable, contract.CodeInternal})
		d.gateway(doc, []int{429, 500, 503})
		return
	}
	codes := slices.Concat(op.codes, everyCode)
	if !slices.Contains(codes, contract.CodeRequestInvalid) {
		codes = append(codes, contract.CodeRequestInvalid) // a parameter that is none
	}
	if doc.RequestBody != nil {
		codes = append(codes, withBody...)
	}
	if op.method != http.MethodGet {
		codes = append(codes, contract.CodeContended)
	}
	d.problems(doc, codes)
	d.gateway(doc, byGateway)
}

// problems puts the codes to their statuses.
func (d documenter) problems(doc *huma.Operation, codes []contract.Code) {
	byStatus := map[int][]contract.Code{}
	for _, code := range codes {
		info := contract.ExplainAPI(code)
		byStatus[info.Status] = append(byStatus[info.Status], code)
	}
	for status, codes := range byStatus {
		names, examples := []string{}, map[string]*huma.Example{}
		for _, code := range codes {
			info := contract.ExplainAPI(code)
			names = append(names, fmt.Sprintf("%s (%s)", code, strings.ToLower(info.Title[:1])+info.Title[1:]))
			examples[string(code)] = &huma.Example{Value: contract.Problemf(code, "%s %s", info.Meaning, info.Client)}
		}
		answer := &huma.Response{Description: strings.Join(names, ", ") + ".", Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}, Examples: examples},
		}}
		if retryable(status) {
			answer.Headers = map[string]*huma.Header{"Retry-After": {
				Description: "Seconds to wait before the next try.", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: new(0.0), Examples: []any{retrySeconds(status)}},
			}}
		}
		doc.Responses[strconv.Itoa(status)] = answer
	}
}

// gateway adds what API Gateway answers by itself.
func (d documenter) gateway(doc *huma.Operation, statuses []int) {
	for _, status := range statuses {
		key := strconv.Itoa(status)
		if doc.Responses[key] == nil {
			doc.Responses[key] = &huma.Response{Content: map[string]*huma.MediaType{}}
		}
		answer := doc.Responses[key]
		answer.Description = strings.TrimSpace(answer.Description + " By the gateway: " + http.StatusText(status) + ".")
		answer.Content["application/json"] = &huma.MediaType{
			Schema:  &huma.Schema{Ref: "#/components/schemas/GatewayMessage"},
			Example: map[string]any{"message": http.StatusText(status)},
		}
	}
}

// requests are the schemas of what is sent. All others describe answers,
// which may get further fields one day.
var requests = []string{"NewVideo", "Completion", "CompletedPart", "VideoPatch", "Encode"}

func (d documenter) schemas() {
	all := d.doc.Components.Schemas.Map()
	for name, schema := range all {
		if !slices.Contains(requests, name) {
			schema.AdditionalProperties = nil
			for _, property := range schema.Properties {
				property.Nullable = false
			}
		}
	}
	all["GatewayMessage"] = &huma.Schema{
		Type: huma.TypeObject, Description: "What API Gateway says when it refuses a request itself.",
		Properties: map[string]*huma.Schema{"message": {Type: huma.TypeString}},
	}
	uri := &huma.Schema{Type: huma.TypeString, Format: "uri"}
	all["Video"].Properties["mp4Urls"].Items = uri
	all["Video"].Properties["thumbnailUrls"].Items = uri
	all["Event"].Properties["message"].Type = huma.TypeObject
	document := methodOf(d.doc.Paths[getDocument.path], getDocument.method).Responses["200"]
	document.Content = map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}
	d.limit(all["NewVideo"])
	for _, request := range requests {
		for _, property := range all[request].Properties {
			property.Pattern = jsonPattern(property.Pattern)
		}
	}
	for _, request := range []string{"NewVideo", "Encode"} {
		d.limitOptions(all[request].Properties["options"])
	}
}

// limitOptions leaves out of a request's options what a caller may not set, and
// archiveSource true where the stack has no storage class that it would stand
// for.
func (d documenter) limitOptions(options *huma.Schema) {
	maps.DeleteFunc(options.Properties, func(name string, _ *huma.Schema) bool { return !slices.Contains(d.limits.Options, name) })
	if archive := options.Properties["archiveSource"]; archive != nil && !d.limits.archives() {
		archive.Description = "Where the source goes once its video is published: a storage class, or false. The stack has none of its own that true would mean."
		archive.OneOf[1].Enum = []any{false}
	}
}

// limit writes the deployment's limits into the request that they are for.
func (d documenter) limit(request *huma.Schema) {
	request.Properties["size"].Maximum = new(float64(d.limits.MaxBytes))
	request.Properties["fileName"].Pattern = `^[^/\\` + controls + `]*\.(` + strings.Join(anyCase(video.Extensions()), "|") + `)$`
	request.Properties["contentType"].Pattern = typesPattern(d.limits.Types)
}

// anyCase are patterns of words in any letter case, as in [mM][pP]4.
func anyCase(words []string) []string {
	patterns := make([]string, len(words))
	for i, word := range words {
		for _, letter := range word {
			if upper := unicode.ToUpper(letter); upper != letter {
				patterns[i] += "[" + string(letter) + string(upper) + "]"
			} else {
				patterns[i] += string(letter)
			}
		}
	}
	return patterns
}

// tokenPattern is what a media type's second half may be (RFC 6838, 4.2).
const tokenPattern = `[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*`

// typesPattern is a regular expression of the content types that are taken.
func typesPattern(types []string) string {
	alternatives := make([]string, len(types))
	for i, kind := range types {
		family, rest, _ := strings.Cut(kind, "/")
		alternatives[i] = quoted(family) + "/" + quoted(rest)
		if rest == "*" {
			alternatives[i] = quoted(family) + "/" + tokenPattern
		}
	}
	return "^(" + strings.Join(alternatives, "|") + ")$"
}

// quoted is regexp.QuoteMeta for what a media type consists of.
func quoted(text string) string {
	return strings.NewReplacer(".", `\.`, "+", `\+`, "$", `\$`, "^", `\^`).Replace(text)
}
