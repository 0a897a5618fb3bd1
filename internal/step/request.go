package step

import (
	"context"
	"errors"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// A request is what an uploader wants: which video, with which options.
type request struct {
	srcVideo string
	options  encoding.Options
	free     map[string]any
	warnings []string
}

// metadataLimit is the size of a metadata file, in bytes.
const metadataLimit = 256 * 1024

// request is what the video's metadata file, or its row of the video table,
// says over the stack's options, or just these. With an error the request is still good enough to make a
// record of.
func (s *Plan) request(ctx context.Context, exec contract.Execution) (request, error) {
	asked := request{srcVideo: exec.Key(), options: s.Stack.Options}
	if exec.Trigger != contract.TriggerMetadata {
		return s.rowRequest(ctx, asked)
	}
	// One byte more than is allowed tells that there is more.
	text, err := s.Source.Read(ctx, exec.SrcMetadataFile, exec.VersionID, metadataLimit+1)
	if errors.Is(err, contract.ErrNotFound) {
		return asked, contract.Failf(contract.CodeSourceGone, "the metadata file %q is no longer in the source bucket", exec.SrcMetadataFile)
	}
	if err != nil {
		return asked, err
	}
	if len(text) > metadataLimit {
		return asked, contract.Failf(contract.CodeMetadataTooLarge, "the metadata file %q is larger than %d KiB", exec.SrcMetadataFile, metadataLimit/1024)
	}
	return s.Stack.parseMetadata(text, asked)
}

// record makes the video's record, or finds the one that an earlier try has
// made.
func (s *Plan) record(ctx context.Context, exec contract.Execution, asked request) (contract.Record, error) {
	o := asked.options
	rec := contract.Record{
		Core: contract.Core{
			GUID: exec.GUID, StartTime: contract.Time(s.Now()),
			WorkflowTrigger: exec.Trigger, WorkflowStatus: contract.StatusIngest, WorkflowName: s.Stack.Name,
			SrcBucket: exec.SrcBucket, SrcVideo: asked.srcVideo, SrcMetadataFile: exec.SrcMetadataFile,
			SrcEventTime: exec.SourceTime(), SrcSequencer: exec.Sequencer,
			DestBucket: s.Stack.DestinationBucket, CloudFront: s.Stack.DeliveryHost,
			FrameCapture: new(o.FrameCapture), EnableSns: new(o.EnableSns), EnableSqs: new(o.EnableSqs),
			EnableMediaPackage: new(false),
			ArchiveSource:      o.ArchiveSource, InputRotate: o.InputRotate,
			AcceleratedTranscoding: o.AcceleratedTranscoding, JobTemplate: o.JobTemplate,
			Warnings: asked.warnings,
		},
		Free: asked.free,
	}
	existing, err := s.Records.Create(ctx, rec)
	if err != nil {
		return rec, err
	}
	if existing != nil {
		return *existing, nil
	}
	return rec, nil
}
