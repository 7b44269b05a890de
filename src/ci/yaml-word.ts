/** A text as a value within YAML's braces: as it is where nothing in it has a meaning there, else in quotes. */
export function yamlWord(text: string): string {
  const isPlain = /^[a-z](?:[\w.:/-]*\w)?$/i.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
