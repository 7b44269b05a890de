import type { PartSetup, Tool } from "./ci-part.ts";
import type { ImageKind } from "./rolecall-line.ts";

export interface Image {
  readonly image: string;
  /** What the image lacks. */
  readonly install?: string;
}

const ALPINE_AWS: Image = { image: "alpine:3.22", install: "apk add --no-cache aws-cli" };
const DOCKER: Image = { image: "docker:28", install: "apk add --no-cache aws-cli" };
const SAM: Image = { image: "public.ecr.aws/sam/build-nodejs22.x:latest" };

/** An image for the job that has what its lines call. */
const IMAGES: Readonly<Record<ImageKind, Readonly<Record<Tool, Image>>>> = {
  node: {
    aws: { image: "node:22-alpine", install: "apk add --no-cache aws-cli" },
    cdk: { image: "node:22" },
    terraform: { image: "IMAGE # one with Node.js and terraform" },
    sam: SAM,
    // Its entrypoint finds the Docker of the service beside it; Node's image would not.
    docker: { image: "docker:28", install: "apk add --no-cache aws-cli nodejs npm" },
  },
  shell: {
    aws: ALPINE_AWS,
    cdk: { image: "IMAGE # one with cdk" },
    terraform: { image: "hashicorp/terraform:1.13" },
    sam: SAM,
    docker: DOCKER,
  },
  none: { aws: DOCKER, cdk: DOCKER, terraform: DOCKER, sam: DOCKER, docker: DOCKER },
};

export function imageFor({ image, tool }: PartSetup): Image {
  return IMAGES[image][tool];
}
