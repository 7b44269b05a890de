// The AWS SDK for Go v2 as a program uses it: no endpoint, no keys, no options but what the environment says.
// go-v2 identity: who it is, and where its credentials came from. go-v2 account: IAM as an administrator.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

type facts map[string]any

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(err)
	commands := map[string]func(context.Context, aws.Config) facts{
		"identity": identity, "refusal": refusal, "account": account, "weather": weather,
	}
	must(json.NewEncoder(os.Stdout).Encode(commands[os.Args[1]](ctx, cfg)))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func identity(ctx context.Context, cfg aws.Config) facts {
	credentials, err := cfg.Credentials.Retrieve(ctx)
	must(err)
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	must(err)
	return facts{"arn": *caller.Arn, "source": credentials.Source, "expires": credentials.CanExpire}
}

// refusal exchanges the token in the file of its argument, and says how the SDK types the refusal.
func refusal(ctx context.Context, cfg aws.Config) facts {
	token, err := os.ReadFile(os.Args[2])
	must(err)
	text := string(token)
	_, err = sts.NewFromConfig(cfg).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(os.Getenv("AWS_ROLE_ARN")), RoleSessionName: aws.String("go"), WebIdentityToken: &text,
	})
	var (
		expired *ststypes.ExpiredTokenException
		invalid *ststypes.InvalidIdentityTokenException
	)
	told := typed(err)
	told["expired"] = errors.As(err, &expired)
	told["invalid"] = errors.As(err, &invalid)
	return told
}

func typed(err error) facts {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return facts{"go": fmt.Sprintf("%T", err), "text": fmt.Sprint(err)}
	}
	kind := api
	for {
		inner, ok := errors.Unwrap(kind).(smithy.APIError)
		if !ok {
			break
		}
		kind = inner
	}
	return facts{"go": fmt.Sprintf("%T", kind), "code": api.ErrorCode(), "fault": api.ErrorFault().String(), "message": api.ErrorMessage()}
}

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func account(ctx context.Context, cfg aws.Config) facts {
	client := iam.NewFromConfig(cfg)
	told := facts{}

	made, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://token.actions.githubusercontent.com"), ClientIDList: []string{"sts.amazonaws.com"},
		ThumbprintList: []string{strings.Repeat("a", 40)},
	})
	must(err)
	provider, err := client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})
	must(err)
	told["provider"] = facts{"url": *provider.Url, "audiences": provider.ClientIDList, "made": *provider.CreateDate}

	// A policy with all that a form and a URL-encoded answer could lose.
	document := `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a+b c/*","Condition":{"StringLike":{"s3:prefix":["ü%&=<>"]}}}]}`
	for at := 0; at < 7; at++ {
		name := fmt.Sprintf("page-%d", at)
		_, err := client.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: &name, AssumeRolePolicyDocument: aws.String(trust), Path: aws.String("/pages/"),
			Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web shop+1")}},
		})
		must(err)
		_, err = client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("odd"), PolicyDocument: &document})
		must(err)
	}
	pages, names := 0, []string{}
	for lists := iam.NewListRolesPaginator(client, &iam.ListRolesInput{PathPrefix: aws.String("/pages/"), MaxItems: aws.Int32(3)}); lists.HasMorePages(); pages++ {
		page, err := lists.NextPage(ctx)
		must(err)
		for _, role := range page.Roles {
			names = append(names, *role.RoleName)
		}
	}
	told["pages"], told["roles"] = pages, names

	var role types.Role
	got, err := iam.NewRoleExistsWaiter(client).WaitForOutput(ctx, &iam.GetRoleInput{RoleName: aws.String("page-0")}, 5*time.Second)
	must(err)
	role = *got.Role
	told["tags"] = role.Tags[0].Value
	told["age"] = time.Since(*role.CreateDate).Seconds()
	inline, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role.RoleName, PolicyName: aws.String("odd")})
	must(err)
	told["document"] = *inline.PolicyDocument

	told["late"] = late(ctx, client)
	told["errors"] = accountErrors(ctx, client)
	return told
}

// late is whether the waiter sees a role that is made while it waits: it goes on for as long as IAM answers NoSuchEntity.
func late(ctx context.Context, client *iam.Client) bool {
	name := aws.String("late")
	go func() {
		time.Sleep(500 * time.Millisecond)
		_, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust)})
		must(err)
	}()
	quick := func(options *iam.RoleExistsWaiterOptions) {
		options.MinDelay, options.MaxDelay = 100*time.Millisecond, 100*time.Millisecond
	}
	return iam.NewRoleExistsWaiter(client, quick).Wait(ctx, &iam.GetRoleInput{RoleName: name}, time.Minute) == nil
}

// accountErrors are those that programs tell apart by type.
func accountErrors(ctx context.Context, client *iam.Client) facts {
	page, none := aws.String("page-0"), aws.String("none")
	_, missing := client.GetRole(ctx, &iam.GetRoleInput{RoleName: none})
	_, twice := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: page, AssumeRolePolicyDocument: aws.String(trust)})
	_, malformed := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: none, AssumeRolePolicyDocument: aws.String("{}")})
	_, busy := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: page})
	_, invalid := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("a b"), AssumeRolePolicyDocument: aws.String(trust)})
	_, provider := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("ftp://nowhere"), ThumbprintList: []string{strings.Repeat("a", 40)},
	})
	_, report := client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	return facts{
		"missing": typed(missing), "twice": typed(twice), "malformed": typed(malformed), "busy": typed(busy),
		"invalid": typed(invalid), "provider": typed(provider), "report": typed(report),
	}
}

// weather asks for a list some times, and counts the tries of each call.
func weather(ctx context.Context, cfg aws.Config) facts {
	client := iam.NewFromConfig(cfg)
	tries := []int{}
	for at := 0; at < 4; at++ {
		list, err := client.ListRoles(ctx, &iam.ListRolesInput{})
		must(err)
		results, _ := retry.GetAttemptResults(list.ResultMetadata)
		tries = append(tries, len(results.Results))
	}
	return facts{"tries": tries}
}
