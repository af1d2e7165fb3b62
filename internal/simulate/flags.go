package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

var outcomes = []string{"completed", "cancelled", "rejected", "failed"}

// parse reads the flags.
func parse(args []string) (simulator.Options, error) {
	options, flags := newFlags()
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return simulator.Options{}, err
	}
	if flags.NArg() > 0 {
		return simulator.Options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return *options, nil
}

// help describes the flags.
func help() string {
	_, flags := newFlags()
	var text strings.Builder
	text.WriteString("Serves the OpenProspect API in memory and prints each request.\n\nFlags:\n")
	flags.SetOutput(&text)
	flags.PrintDefaults()
	return text.String()
}

// newFlags returns the defaults, and the flags that change them.
func newFlags() (*simulator.Options, *flag.FlagSet) {
	options := &simulator.Options{
		Scopes: slices.Clone(simulator.GuideScopes),
		Review: simulator.Review{Every: 5 * time.Second, Final: "COMPLETED"},
	}
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.StringVar(&options.Address, "address", "127.0.0.1:8080", "`host:port` to listen on; port 0 is any free one")
	flags.Func("companies", "CSV `file` of companies that every order finds, unless a blacklist excludes them; needs the column "+
		"company_name,\nand may have website_url, city, country and external_id", func(path string) (err error) {
		options.Companies, err = readCompanies(path)
		return err
	})
	flags.Func("latency", "`duration` added to every answer, such as 200ms (default 0s)", func(text string) (err error) {
		options.Latency, err = duration(text, 0)
		return err
	})
	flags.Func("outcome", "`status` that orders end in: "+oneOf(outcomes)+" (default completed)", func(text string) error {
		if !slices.Contains(outcomes, strings.ToLower(text)) {
			return errors.New("must be " + oneOf(outcomes))
		}
		options.Review.Final = strings.ToUpper(text)
		return nil
	})
	flags.Func("requests-per-hour", "`number` of requests in an hour, after which the answer is 429; 0 is no limit (default 0)",
		func(text string) error {
			number, err := strconv.Atoi(text)
			if err != nil || number < 0 {
				return errors.New("must be a whole number, 0 or more")
			}
			options.RequestsPerHour = number
			return nil
		})
	flags.Func("scopes", "comma-separated `scopes` of the API key (default "+strings.Join(simulator.GuideScopes, ",")+");\n"+
		"all there are: these and prospect_searches:read", func(text string) error {
		options.Scopes = []string{}
		for scope := range strings.SplitSeq(text, ",") {
			scope = strings.TrimSpace(scope)
			if !slices.Contains(simulator.Scopes(), scope) {
				return fmt.Errorf("%q is not a scope; use %s", scope, strings.Join(simulator.Scopes(), ", "))
			}
			options.Scopes = append(options.Scopes, scope)
		}
		return nil
	})
	flags.Func("status-time", "`duration` for which an order stays in each status, such as 500ms or 1m (default 5s)",
		func(text string) (err error) {
			options.Review.Every, err = duration(text, time.Millisecond)
			return err
		})
	return options, flags
}

// oneOf lists alternatives.
func oneOf(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

func duration(text string, least time.Duration) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	if err != nil || value < least {
		return 0, fmt.Errorf("must be a duration of at least %s, such as 500ms or 1m", least)
	}
	return value, nil
}

// readCompanies reads a CSV file whose columns are named like the fields of a blacklist entry; others are ignored.
func readCompanies(path string) ([]simulator.Company, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Contains(header, "company_name") {
		return nil, errors.New("the header has no column company_name")
	}
	var companies []simulator.Company
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return companies, nil
		}
		if err != nil {
			return nil, err
		}
		column := func(name string) string {
			if at := slices.Index(header, name); at >= 0 {
				return strings.TrimSpace(row[at])
			}
			return ""
		}
		company := simulator.Company{
			Name: column("company_name"), WebsiteURL: column("website_url"), City: column("city"), Country: column("country"),
			ExternalID: column("external_id"),
		}
		if company.Name == "" {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("line %d has no company_name", line)
		}
		companies = append(companies, company)
	}
}
