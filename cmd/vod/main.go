// Command vod runs vodstack on one machine: it starts and stops the local
// engine, deploys the stack into it, and sends a video all the way.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		os.Exit(1)
	}
}

// commands is the command line. What is for people goes to standard error,
// what is for programs to standard output.
type commands struct {
	Up      upCommand      `cmd:"" help:"Start the local engine, and deploy the stack into it."`
	Down    downCommand    `cmd:"" help:"Stop the local engine; videos, tables and URLs stay."`
	Env     envCommand     `cmd:"" help:"Print export lines that let any AWS tool join in: eval \"$(vod env)\"."`
	Demo    demoCommand    `cmd:"" help:"Send one video all the way, and print its URLs."`
	Destroy destroyCommand `cmd:"" help:"Delete the stack from the account of the environment, with everything in its buckets, after a question."`
	Engine  engineCommand  `cmd:"" hidden:"" help:"The engine itself, which up starts in the background."`
}

// session is what every command gets.
type session struct {
	ctx    context.Context
	place  place
	stdout io.Writer
	stderr io.Writer
}

func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.stderr, format+"\n", args...)
}

// errUsage is already explained when it comes back.
var errUsage = errors.New("usage")

// run carries out one command line and explains what went wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	err := execute(ctx, args, stdout, stderr)
	if err != nil && !errors.Is(err, errUsage) {
		fmt.Fprintf(stderr, "vod: %v\n", err)
	}
	return err
}

func execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var cli commands
	exited := false
	parser, err := kong.New(&cli,
		kong.Name("vod"), kong.Description("vodstack on one machine."),
		kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.Exit(func(int) { exited = true }),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return nil
	}
	if err != nil {
		parser.Errorf("%s", err)
		return errUsage
	}
	where, err := findPlace(os.Getenv)
	if err != nil {
		return err
	}
	return parsed.Run(&session{ctx: ctx, place: where, stdout: stdout, stderr: stderr})
}
