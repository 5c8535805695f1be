/** The XML with which CloudFormation answers DescribeStacks (CloudFormation API Reference, "DescribeStacks"). */
export function describeStacksAnswer(outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([name, value]) => `<member><OutputKey>${name}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<member><StackName>FlowSentinel</StackName><Outputs>${members.join('')}</Outputs></member>`;
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

/** The XML with which CloudFormation refuses a request (CloudFormation API Reference, "Common Errors"). */
export function refusedAnswer(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
