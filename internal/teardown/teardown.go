// Package teardown deletes a stack and everything in its buckets, which
// CloudFormation alone refuses to do.
package teardown

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rounds is how often emptying and deleting is tried. CloudFront delivers
// access logs while its distribution is being deleted, so that the bucket
// they go to may have filled again when its turn comes.
const rounds = 3

// ErrNotConfirmed says that the person at the terminal did not type the
// stack's name; nothing was deleted.
var ErrNotConfirmed = errors.New("not confirmed, so nothing was deleted")

// A Stack is what is known of a deployed stack before it is deleted.
type Stack struct {
	Name      string
	Place     string   // account and region, for people
	Buckets   []string // names, in the order in which they are emptied
	Kept      []string // logical ids of what would survive the stack
	Protected bool     // CloudFormation refuses to delete it
}

// Stacks finds and deletes stacks.
type Stacks interface {
	Find(ctx context.Context, name string) (Stack, error)
	Delete(ctx context.Context, name string) error
}

// Buckets removes every version and every delete marker of a bucket, and
// says how many there were.
type Buckets interface {
	Empty(ctx context.Context, name string) (int, error)
}

// Teardown deletes one stack, after it has asked.
type Teardown struct {
	Stacks  Stacks
	Buckets Buckets
	In      io.Reader // where the answer is typed
	Out     io.Writer // where the question is asked
}

// Run asks, empties the stack's buckets and deletes the stack. A stack that
// is meant to keep its data is refused: that is what its stage is for.
func (t Teardown) Run(ctx context.Context, name string) error {
	stack, err := t.Stacks.Find(ctx, name)
	if err != nil {
		return fmt.Errorf("destroy %s: %w", name, err)
	}
	if err := stack.mayGo(); err != nil {
		return fmt.Errorf("destroy %s: %w", name, err)
	}
	if err := t.ask(stack); err != nil {
		return fmt.Errorf("destroy %s: %w", name, err)
	}
	for round := 1; ; round++ {
		err = t.round(ctx, stack)
		if err == nil || round == rounds || ctx.Err() != nil {
			break
		}
		fmt.Fprintf(t.Out, "once more, since: %v\n", err)
	}
	if err != nil {
		return fmt.Errorf("destroy %s: %w", name, err)
	}
	fmt.Fprintf(t.Out, "stack %s is gone\n", name)
	return nil
}

// mayGo refuses a stack that would survive in parts.
func (s Stack) mayGo() error {
	if len(s.Kept) > 0 {
		return fmt.Errorf("it keeps its data when it is deleted (%s): stage prod does that. If all of it is to go, deploy it with -c removalPolicy=DESTROY first", strings.Join(s.Kept, ", "))
	}
	if s.Protected {
		return errors.New("it is protected against deletion: deploy it with -c removalPolicy=DESTROY first")
	}
	return nil
}

// ask wants the stack's name typed, since a plain yes is typed too easily.
func (t Teardown) ask(s Stack) error {
	fmt.Fprintf(t.Out, "This deletes the stack %s in %s, with everything in\n  %s\nType the stack's name to go on: ", s.Name, s.Place, strings.Join(s.Buckets, "\n  "))
	answer, err := bufio.NewReader(t.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(answer) != s.Name {
		fmt.Fprintln(t.Out)
		return ErrNotConfirmed
	}
	return nil
}

// round empties and deletes once.
func (t Teardown) round(ctx context.Context, s Stack) error {
	for _, bucket := range s.Buckets {
		n, err := t.Buckets.Empty(ctx, bucket)
		if err != nil {
			return fmt.Errorf("empty %s: %w", bucket, err)
		}
		fmt.Fprintf(t.Out, "%s: %d objects and versions removed\n", bucket, n)
	}
	fmt.Fprintf(t.Out, "deleting the stack; CloudFront takes some minutes\n")
	return t.Stacks.Delete(ctx, s.Name)
}
