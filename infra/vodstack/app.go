package vodstack

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// NewApp returns the CDK app that a stack is made in; outdir may be empty,
// context nil. The assembly carries nothing of the machine that made it: no
// analytics, no stack traces.
func NewApp(outdir string, context map[string]any) awscdk.App {
	props := &awscdk.AppProps{AnalyticsReporting: new(false), StackTraces: new(false)}
	if outdir != "" {
		props.Outdir = new(outdir)
	}
	if context != nil {
		props.Context = &context
	}
	return awscdk.NewApp(props)
}

// Close ends the process that CDK's constructs live in. jsii v1.139 waits
// for that process in two places at once, and whichever comes second writes
// "exited abnormally" to standard error: nobody needs to read that.
func Close() {
	stderr := os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
		defer func() { os.Stderr = stderr }()
	}
	jsii.Close()
}
