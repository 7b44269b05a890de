/** An access key of the IAM user `admin`. */
export interface AdminKey {
  /** `AKIA…`, when it is made here. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
