// The AWS SDK for Go v1 as a program uses it: no endpoint, no keys, no options but what the environment says.
// go-v1 identity: who it is, and where its credentials came from. go-v1 account: IAM as an administrator.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/iam"
	"github.com/aws/aws-sdk-go/service/sts"
)

type facts map[string]any

func main() {
	current := session.Must(session.NewSession())
	commands := map[string]func(*session.Session) facts{"identity": identity, "account": account, "weather": weather}
	must(json.NewEncoder(os.Stdout).Encode(commands[os.Args[1]](current)))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func identity(current *session.Session) facts {
	credentials, err := current.Config.Credentials.Get()
	must(err)
	caller, err := sts.New(current).GetCallerIdentity(nil)
	must(err)
	return facts{"arn": *caller.Arn, "source": credentials.ProviderName}
}

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func account(current *session.Session) facts {
	client := iam.New(current)
	for at := 0; at < 5; at++ {
		name := fmt.Sprintf("page-%d", at)
		_, err := client.CreateInstanceProfile(&iam.CreateInstanceProfileInput{InstanceProfileName: &name, Path: aws.String("/pages/")})
		must(err)
		must(client.WaitUntilInstanceProfileExists(&iam.GetInstanceProfileInput{InstanceProfileName: &name}))
	}
	pages, names := 0, []string{}
	lists := &iam.ListInstanceProfilesInput{PathPrefix: aws.String("/pages/"), MaxItems: aws.Int64(2)}
	must(client.ListInstanceProfilesPages(lists, func(page *iam.ListInstanceProfilesOutput, _ bool) bool {
		pages++
		for _, profile := range page.InstanceProfiles {
			names = append(names, *profile.InstanceProfileName)
		}
		return true
	}))
	page, none := aws.String("page-0"), aws.String("none")
	_, missing := client.GetRole(&iam.GetRoleInput{RoleName: none})
	_, twice := client.CreateInstanceProfile(&iam.CreateInstanceProfileInput{InstanceProfileName: page})
	_, malformed := client.CreateRole(&iam.CreateRoleInput{RoleName: none, AssumeRolePolicyDocument: aws.String("{}")})
	return facts{"pages": pages, "names": names, "errors": facts{
		"missing": code(missing), "twice": code(twice), "malformed": code(malformed),
	}}
}

// code is what programs switch on, iam.ErrCodeNoSuchEntityException for one, with the HTTP status.
func code(err error) string {
	failure, ok := err.(awserr.RequestFailure)
	if !ok {
		return fmt.Sprintf("%T", err)
	}
	return fmt.Sprintf("%s %d", failure.Code(), failure.StatusCode())
}

// weather asks for a list some times, and counts the tries of each call.
func weather(current *session.Session) facts {
	client := iam.New(current)
	asked, tries := 0, []int{}
	client.Handlers.Send.PushFront(func(*request.Request) { asked++ })
	for at := 0; at < 4; at++ {
		asked = 0
		_, err := client.ListRoles(&iam.ListRolesInput{})
		must(err)
		tries = append(tries, asked)
	}
	return facts{"tries": tries}
}
