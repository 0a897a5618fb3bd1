package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
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
	secret, err := engine.SecretKey(s.place.home)
	if err != nil {
		return err
	}
	stack, err := s.deployment(secret, c.Context).Run(s.ctx)
	if err != nil {
		return s.explainDeploy(err)
	}
	if !c.Quiet {
		s.welcome(stack, time.Since(start))
	}
	return nil
}

// explainDeploy says when the engine is what is missing.
func (s *session) explainDeploy(failure error) error {
	for deadline := time.Now().Add(stopNotice); time.Now().Before(deadline) && s.ctx.Err() == nil; time.Sleep(stopPoll) {
		control, running, err := engine.ReadControl(s.place.home)
		if err == nil && running && control.Answers(s.place.home) {
			continue
		}
		if _, _, err := s.settled(control); err != nil {
			return err
		}
		if _, down := engine.Running(s.place.home); down != nil {
			return fmt.Errorf("the stack is not deployed: %w", down)
		}
	}
	return failure
}

func (s *session) deployment(secret string, context []string) *deploy.Deployment {
	p := s.place
	return &deploy.Deployment{
		Root: p.root, Home: p.home, Stack: p.stack, CDK: p.cdk(),
		Inputs:  []string{p.app(), p.functions(), filepath.Join(p.root, "cdk.json"), filepath.Join(p.root, "package-lock.json")},
		Context: p.settings(context),
		Region:  engine.Region, Account: engine.Account, AccessKey: engine.AccessKey, SecretKey: secret,
		ControlPlane: p.ports.ControlPlaneURL(), Store: p.ports.StoreURL(), LogFile: p.log("deploy"),
		Say: func(text string) { s.say("%s", text) },
	}
}

// settings are the stack's on this machine, and the caller's own. The API is
// open to all programs of this machine, unless the caller says otherwise. They
// are one owner then, or a few, whose videos cost nothing: the limits for one
// owner are as high as they go.
func (p place) settings(own []string) []string {
	settings := []string{
		"stage=local", "stackName=" + p.stack, "architecture=" + architecture(),
		"deliveryBaseUrl=" + p.ports.DeliveryURL(), "apiBaseUrl=" + p.ports.APIURL(p.stack),
		"maxOpenUploads=10000", "maxEncodes=10000",
	}
	closed := slices.ContainsFunc(own, func(s string) bool {
		return strings.HasPrefix(s, "apiOpen=") || strings.HasPrefix(s, "jwtIssuer=") && s != "jwtIssuer="
	})
	if !closed {
		settings = append(settings, "apiOpen=true")
	}
	return append(settings, own...)
}

// limits are what nothing on this machine proves; docs/local.md has the
// whole table.
var limits = []string{
	"IAM: every call is allowed, whatever a role says",
	"the REST API's rate limits: accepted, and without effect",
	"CloudFront's network: delivery is one process, without TLS or cache",
	"MediaConvert's own encoder, speed, prices and quotas: jobs are done by ffmpeg",
	"alarms, lifecycle rules, time to live, encryption and access logs: accepted, and without effect",
	"a few keys: \"/a\" and \"a//b\" are stored as \"a\" and \"a/b\" (events keep the name that was sent), \"x\" cannot be beside \"x/y\", \"../\" and names over 255 bytes between slashes are refused",
}

func (s *session) welcome(stack deploy.Stack, took time.Duration) {
	p := s.place.ports
	s.say("\nstack %q is up (%.1f s)\n", stack.Name, took.Seconds())
	s.say("  AWS services   %s", p.ControlPlaneURL())
	s.say("  S3             %s", p.StoreURL())
	s.say("  MediaConvert   %s", p.MediaConvertURL())
	s.say("  delivery       %s", p.DeliveryURL())
	s.say("  REST API       %s", p.APIURL(stack.Name))
	s.say("  page           %s", p.PageURL()+"/?api="+p.APIURL(stack.Name))
	s.say("\nwhat next")
	s.say("  open the page                 choose a video, watch it upload, encode and play")
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
