package vodstack

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"

	"github.com/vodstack/vodstack/infra/config"
)

// functions are the stack's, made first without permissions and settings:
// wire adds them when everything that they name exists.
type functions struct {
	stack                                         awscdk.Stack
	cfg                                           config.Config
	ingest, plan, encode, jobstate, publish, fail function // the pipeline's
	api, videoevents, sweep                       function // the integration's
}

// all lists them in the order of a video's way.
func (f functions) all() []function {
	return []function{f.ingest, f.plan, f.encode, f.jobstate, f.publish, f.fail, f.api, f.videoevents, f.sweep}
}

// A size is how much of Lambda a function needs.
type size struct{ megabytes, seconds int }

// newFunctions makes the functions. The state machine waits 90 seconds for
// plan, 180 for publish: a function's own timeout is shorter, with time for a
// cold start, so that a state never starts again while its last try runs.
func newFunctions(stack awscdk.Stack, cfg config.Config, assets string) (functions, error) {
	f := functions{stack: stack, cfg: cfg}
	for _, spec := range []struct {
		to    *function
		name  string
		about string
		size  size
	}{
		// What a queue's function has in hand when it dies comes again after six
		// times its timeout. It begins no message in the last third of it.
		{&f.ingest, "ingest", "Starts an execution for an upload", size{256, 8}},
		// Probe reads the file across the network, and so does the header reader.
		{&f.plan, "plan", "Decides how a source is encoded", size{512, 60}},
		{&f.encode, "encode", "Submits the encode and looks after it", size{256, 60}},
		{&f.jobstate, "jobstate", "Follows MediaConvert's events", size{256, 30}},
		// A dozen poster candidates of up to 3840×2160 are decoded, 33 MB each.
		{&f.publish, "publish", "Chooses the poster and announces the streams", size{1024, 150}},
		{&f.fail, "fail", "Announces what went wrong", size{256, 60}},
		// S3 takes its time to join thousands of parts; HTTP APIs wait 30 s.
		{&f.api, "api", "Answers the REST API", size{256, 29}},
		{&f.videoevents, "videoevents", "Keeps the rows of videos up to date", size{256, 8}},
		// A long video has tens of thousands of segments to delete.
		{&f.sweep, "sweep", "Finishes deletions, promised encodes and uploads that never came", size{512, 300}},
	} {
		made, err := newFunction(stack, cfg, assets, spec.name, spec.about, spec.size)
		if err != nil {
			return f, err
		}
		*spec.to = made
	}
	return f, nil
}

// resources are what the functions work on.
type resources struct {
	store    storage
	table    awsdynamodb.Table
	running  awsdynamodb.Table
	videos   videos
	news     notifications
	queues   integration
	cdn      delivery
	encoder  encoder
	pipeline pipeline
}

// options are the encoding options as the functions read them.
func (f functions) options() *string {
	text, err := json.Marshal(f.cfg.Encoding)
	if err != nil {
		panic(err) // a struct of strings, numbers and booleans
	}
	return new(string(text))
}
