import fc from 'fast-check';

// A failure of a property prints this seed, and the path to the counterexample.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED) });
