package contract

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestThePageHasTheOutputsOfTheStack(t *testing.T) {
	var template struct {
		Outputs map[string]struct{ Export struct{ Name string } }
	}
	readJSON(t, "infra/vodstack/testdata/template.golden.json", &template)
	var code, page []string
	for name, output := range template.Outputs {
		code = append(code, name+" "+strings.TrimPrefix(output.Export.Name, "vod:"))
	}
	for _, row := range table(section(t, "Stack outputs")) {
		exports := regexp.MustCompile(`<stack>:(\w+)`).FindAllStringSubmatch(row[2], -1)
		for i, name := range names(row[0]) {
			page = append(page, name+" "+exports[min(i, len(exports)-1)][1])
		}
	}
	same(t, "outputs and their exports", page, code)
}

func TestThePageHasTheFieldsOfTheMessages(t *testing.T) {
	text := section(t, "SNS messages")
	bodies := map[Status][]string{StatusIngest: tagsOf[ingestBody](), StatusError: tagsOf[errorBody](), StatusComplete: append(tagsOf[Heavy](), "status", "workflowStatus", "messageId")}
	rows := table(text)
	for _, row := range rows {
		status := Status(row[0])
		same(t, "body of "+row[0], names(row[2]), bodies[status])
		if subject := newMessage(Record{Core: Core{GUID: "<guid>"}}, "", status, nil).Subject; row[1] != "`"+subject+"`" {
			t.Errorf("subject is %q, docs/contract.md has %s", subject, row[1])
		}
	}
	if len(rows) != len(bodies) {
		t.Errorf("docs/contract.md has %d messages", len(rows))
	}
	same(t, "Complete, against the record", tagsOf[completeBody](), append(tagsOf[Core](), "status", "messageId"))
	same(t, "result, against the record", tagsOf[resultBody](), append(tagsOf[Core](), append(tagsOf[Heavy](), "status", "messageId")...))
	same(t, "what the queue's message has beyond the topic's", names(section(t, "SQS message")), append(tagsOf[Heavy](), "Complete", "Error", "messageId"))
}

func TestThePageHasTheFieldsOfTheTrackingTable(t *testing.T) {
	text := section(t, "Tracking table")
	page := typesOnPage(table(text))
	for _, name := range tagsOf[Outputs]() { // "output fields", which have a table of their own
		page[name] = attributeTypes(reflect.TypeFor[Outputs](), map[string]string{})[name]
	}
	code := attributeTypes(reflect.TypeFor[struct {
		Core
		Heavy
	}](), map[string]string{})
	sameTypes(t, "tracking table", page, code)
	same(t, "the pipeline's own fields", names(paragraph(t, text, "The pipeline's own fields")), tagsOf[Internal]())
}

// typesOnPage are the types of a table whose first column names fields and
// whose second one their type.
func typesOnPage(rows [][]string) map[string]string {
	types := map[string]string{}
	for _, row := range rows {
		for _, name := range names(row[0]) {
			types[name] = row[1]
		}
	}
	return types
}

// sameTypes compares names, and types where the page has one.
func sameTypes(t *testing.T, what string, page, code map[string]string) {
	t.Helper()
	same(t, what, keys(page), keys(code))
	for name, kind := range page {
		if kind != "" && code[name] != "" && code[name] != kind {
			t.Errorf("%s: %s is %s, docs/contract.md has %s", what, name, code[name], kind)
		}
	}
}

func TestThePageHasTheFieldsThatEachOutputMakes(t *testing.T) {
	d := Delivery{Bucket: "d", Base: "https://cdn"}
	groups := map[string]OutputGroup{
		"HLS_GROUP": {PlaylistFilePaths: []string{"s3://d/g/hls/a.m3u8"}}, "DASH_ISO_GROUP": {PlaylistFilePaths: []string{"s3://d/g/dash/a.mpd"}},
		"CMAF_GROUP": {PlaylistFilePaths: []string{"s3://d/g/cmaf/a.m3u8", "s3://d/g/cmaf/a.mpd"}}, "MS_SMOOTH_GROUP": {PlaylistFilePaths: []string{"s3://d/g/mss/a.ism"}},
		"FILE_GROUP": {OutputDetails: []OutputDetail{{OutputFilePaths: []string{"s3://d/g/mp4/a.mp4"}}}},
	}
	var all, kinds []string
	for _, row := range table(section(t, "Output fields")) {
		var out Outputs
		if kind := strings.Trim(row[0], "`"); kind == "frame capture" {
			out.SetThumbnails(d, []string{"g/thumbnails/a.jpg"})
		} else {
			group := groups[kind]
			group.Type, kinds = kind, append(kinds, kind)
			out, _ = d.Collect([]OutputGroup{group})
		}
		same(t, row[0], names(row[1]), written(t, out))
		all = append(all, names(row[1])...)
	}
	same(t, "output groups", kinds, keys(groups))
	same(t, "output fields", all, tagsOf[Outputs]())
}

// written are the fields that a value's JSON has.
func written(t *testing.T, v any) []string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return keys(fields)
}

func TestThePageHasTheFieldsOfSrcMediainfo(t *testing.T) {
	text := section(t, "srcMediainfo")
	same(t, "srcMediainfo", names(withoutShapes(text)), tagsOf[Mediainfo]())
	for name, code := range map[string][]string{
		"container": tagsOf[ContainerInfo](), "video": tagsOf[VideoInfo](), "audio": tagsOf[AudioInfo](), "text": tagsOf[TextInfo](),
	} {
		same(t, "srcMediainfo's "+name, shapes(text)[name], code)
	}
}

func TestThePageHasTheOptionsOfAMetadataFile(t *testing.T) {
	reserved := section(t, "Reserved")
	options, captions := casesOf(t, "../step/options.go", "read"), casesOf(t, "../step/captions.go", "captions")
	same(t, "options", without(names(section(t, "Metadata file")), "true"), without(options, "captions", "enableMediaPackage"))
	refused := paragraph(t, reserved, "- Metadata file")
	same(t, "reserved options", without(names(withoutShapes(refused)), "OptionUnavailable"), []string{"captions", "enableMediaPackage"})
	same(t, "captions", shapes(refused)["captions"], captions)
	for _, name := range names(withoutShapes(strings.ReplaceAll(paragraph(t, reserved, "- Output fields"), "(", "{(") + "}")) {
		if IsField(name) {
			t.Errorf("%s is reserved in docs/contract.md, and the record has it", name)
		}
	}
}

// casesOf are the texts that a function's switch tells apart.
func casesOf(t *testing.T, path, function string) (cases []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if f, ok := node.(*ast.FuncDecl); ok && f.Name.Name != function {
			return false
		}
		if clause, ok := node.(*ast.CaseClause); ok {
			for _, expr := range clause.List {
				if literal, ok := expr.(*ast.BasicLit); ok {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					cases = append(cases, text)
				}
			}
		}
		return true
	})
	if len(cases) == 0 {
		t.Fatalf("%s: %s has no cases", path, function)
	}
	return cases
}

// publicRow are the fields of a row that are promised.
func publicRow() map[string]string {
	types := attributeTypes(reflect.TypeFor[VideoRow](), map[string]string{})
	for _, name := range tagsOf[RowInternal]() {
		delete(types, name)
	}
	return types
}

func TestThePageHasTheFieldsOfTheVideoRow(t *testing.T) {
	text := section(t, "The integration's video row")
	rows := table(text)
	sameTypes(t, "video row", typesOnPage(rows), publicRow())
	same(t, "the integration's own fields", names(strings.SplitAfter(text, "The integration's own fields")[1]), tagsOf[RowInternal]())
	i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "`renditions`" })
	same(t, "a rendition", without(names(rows[i][2]), "CMAF", "HLS", "DASH", "MP4"), tagsOf[Rendition]())
}

// openAPI is what the REST API's document says, as far as the page says it
// too.
type openAPI struct {
	Paths map[string]map[string]struct {
		Parameters  []struct{ Name, In string }
		RequestBody struct {
			Content map[string]struct{ Schema schema }
		}
		Responses map[string]struct {
			Headers map[string]any
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Enum       []any
	Items      *schema
	Properties map[string]schema
}

// fields are the names of an object's properties, and of the objects in its
// lists but for videos, which the page has elsewhere.
func (d openAPI) fields(s schema) (all []string) {
	if name := strings.TrimPrefix(s.Ref, "#/components/schemas/"); name != "" {
		s = d.Components.Schemas[name]
	}
	for name, property := range s.Properties {
		all = append(all, name)
		if list := property.Items; list != nil && list.Ref != "" && !strings.HasSuffix(list.Ref, "/Video") {
			all = append(all, d.fields(*list)...)
		}
	}
	return all
}

func TestThePageHasTheCallsOfTheRESTAPI(t *testing.T) {
	var doc openAPI
	readJSON(t, "internal/httpapi/apidoc/openapi.json", &doc)
	page := map[string][]string{}
	for _, row := range table(section(t, "REST API")) {
		page[strings.Trim(row[0], "`")] = row[1:]
	}
	var calls []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			call := strings.ToUpper(method) + " " + path
			row, ok := page[call]
			if calls = append(calls, call); !ok {
				continue
			}
			asked := doc.fields(op.RequestBody.Content["application/json"].Schema)
			for _, parameter := range op.Parameters {
				if parameter.In != "path" {
					asked = append(asked, parameter.Name)
				}
			}
			same(t, call+" asks", names(row[0]), asked)
			for status, answer := range op.Responses {
				if status < "300" {
					same(t, call+" answers", append(names(row[1]), row[1][:3]), append(append(doc.fields(answer.Content["application/json"].Schema), keys(answer.Headers)...), status))
				}
			}
		}
	}
	same(t, "calls", keys(page), calls)
}

func TestThePageHasTheShapesOfTheRESTAPI(t *testing.T) {
	var doc openAPI
	readJSON(t, "internal/httpapi/apidoc/openapi.json", &doc)
	all, text := doc.Components.Schemas, section(t, "REST API")
	upload := paragraph(t, text, "`upload` is")
	same(t, "upload", without(names(upload), "upload"), append(keys(all["Upload"].Properties), keys(all["Part"].Properties)...))
	event := names(paragraph(t, text, "A caller reads"))
	at := slices.Index(event, "message")
	same(t, "what a caller reads of a message", event[at+1:], keys(all["EventMessage"].Properties))
	values := regexp.MustCompile(": `(\\w+)`").FindAllStringSubmatch(upload, -1)
	var said, enums []string
	for _, value := range values {
		said = append(said, value[1])
	}
	for _, value := range append(all["Upload"].Properties["type"].Enum, all["Upload"].Properties["method"].Enum...) {
		enums = append(enums, fmt.Sprint(value))
	}
	same(t, "values of an upload", said, enums)
	same(t, "problem", names(paragraph(t, text, "An error is")), keys(all["Problem"].Properties))
	same(t, "a problem's type", tagsOf[Problem](), keys(all["Problem"].Properties))
	same(t, "video", append(without(keys(publicRow()), "lastMessage"), "errorAction"), keys(all["Video"].Properties))
	same(t, "what a video's answer says beside its row", names(paragraph(t, text, "JSON in and out")), []string{"lastMessage", "errorAction", "ownerId"})
}
