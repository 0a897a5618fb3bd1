package main

import (
	"path/filepath"
	"time"

	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/engine"
)

// upCommand starts the engine and deploys.
type upCommand struct {
	Context []string `short:"c" sep:"none" placeholder:"KEY=VALUE" help:"A setting of the stack, as docs/configuration.md lists them; may be repeated."`
	Quiet   bool     `help:"Print no endpoints and no hints."`
}

// Run returns when the engine answers and the stack is deployed.
func (c *upCommand) Run(s *session) error {
	start := time.Now()
	if err := s.ensureEngine(); err != nil {
		return err
	}
	stack, err := s.deployment(c.Context).Run(s.ctx)
	if err != nil {
		return err
	}
	if !c.Quiet {
		s.welcome(stack, time.Since(start))
	}
	return nil
}

func (s *session) deployment(context []string) *deploy.Deployment {
	p := s.place
	return &deploy.Deployment{
		Root: p.root, Home: p.home, Stack: p.stack, CDK: p.cdk(),
		Inputs: []string{p.app(), p.functions(), filepath.Join(p.root, "cdk.json"), filepath.Join(p.root, "package-lock.json")},
		Context: append([]string{
			"stage=local", "stackName=" + p.stack, "architecture=" + architecture(),
			"deliveryBaseUrl=" + p.ports.DeliveryURL(),
		}, context...),
		Region: engine.Region, Account: engine.Account, AccessKey: engine.AccessKey, SecretKey: engine.SecretKey,
		ControlPlane: p.ports.ControlPlaneURL(), Store: p.ports.StoreURL(), LogFile: p.log("deploy"),
		Say: func(text string) { s.say("%s", text) },
	}
}

// limits are what nothing on this machine proves; docs/local.md has the
// whole table.
var limits = []string{
	"IAM: every call is allowed, whatever a role says",
	"CloudFront's network: delivery is one process, without TLS or cache",
	"MediaConvert's own encoder, speed, prices and quotas: jobs are done by ffmpeg",
	"alarms, lifecycle rules, encryption and access logs: accepted, and without effect",
	"a few keys: \"/a\" and \"a//b\" are stored as \"a\" and \"a/b\" (events keep the name that was sent), \"x\" cannot be beside \"x/y\", \"../\" and names over 255 bytes between slashes are refused",
	"executions that are under way when the engine stops: their videos end in Error",
}

func (s *session) welcome(stack deploy.Stack, took time.Duration) {
	p := s.place.ports
	s.say("\nstack %q is up (%.1f s)\n", stack.Name, took.Seconds())
	s.say("  AWS services   %s", p.ControlPlaneURL())
	s.say("  S3             %s", p.StoreURL())
	s.say("  MediaConvert   %s", p.MediaConvertURL())
	s.say("  delivery       %s", p.DeliveryURL())
	s.say("\nwhat next")
	s.say("  make demo                     send a video all the way (VIDEO=path for one of yours)")
	s.say("  eval \"$(bin/vod env)\"         then any AWS tool or SDK in this shell talks to this machine")
	s.say("  aws cloudformation describe-stacks --stack-name %s", stack.Name)
	s.say("  make down                     stop; videos, tables and URLs stay")
	s.say("\nwhat this machine cannot show")
	for _, l := range limits {
		s.say("  - %s", l)
	}
	s.say("\nleft out of the template here")
	for _, l := range stack.LeftOut {
		s.say("  - %s", l)
	}
	if len(stack.LeftOut) == 0 {
		s.say("  nothing")
	}
}
