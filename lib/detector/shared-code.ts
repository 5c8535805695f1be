import { type CfnFunction, Code, type CodeConfig, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/**
 * The code of another function, for one bundle and one asset: a second NodejsFunction would bundle the code again, and
 * CDK's code from a bucket warns that it does not follow the asset.
 */
export class SharedCode extends Code {
  readonly #config: CodeConfig;

  constructor({ node }: LambdaFunction) {
    super();
    const { s3Bucket, s3Key } = (node.defaultChild as CfnFunction).code as CfnFunction.CodeProperty;
    this.#config = { s3Location: { bucketName: s3Bucket!, objectKey: s3Key! } };
  }

  override bind(): CodeConfig {
    return this.#config;
  }
}
