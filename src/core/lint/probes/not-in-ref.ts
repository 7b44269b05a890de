// Git allows neither in a ref; what CIs put into subjects besides has its colons escaped.
export const NOT_IN_REF = /[:\s~^?[\\]|\.\.|\/\/|@\{|\/$|^\/|\.lock$/;
