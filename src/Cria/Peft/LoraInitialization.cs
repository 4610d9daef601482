using Cria.Tensors;

namespace Cria.Peft;

/// <summary>How A and B begin. The list below is the catalogue.</summary>
/// <remarks>What begins with a product other than zero takes that product out of the base, so that the model starts as it was.</remarks>
internal static class LoraInitialization
{
    public const string Default = "default", Gaussian = "gaussian", Pissa = "pissa", Olora = "olora", Loftq = "loftq", Orthogonal = "orthogonal";

    private const int Sharpenings = 16;

    public static readonly string[] All = [Default, Gaussian, Pissa, Olora, Loftq, Orthogonal];

    /// <summary>Whether the base's weight changes with it.</summary>
    public static bool ChangesBase(string kind) => kind is Pissa or Olora or Loftq;

    /// <summary>A and B of one layer, and what stands in the place of its weight from now on, or null where that stays.</summary>
    /// <param name="options">Which kind, and the rank.</param>
    /// <param name="weight">W, frozen.</param>
    /// <param name="rank">r of this layer.</param>
    /// <param name="scaling">s of this layer.</param>
    /// <param name="seed">For what is random.</param>
    public static (Tensor A, Tensor B, Tensor? Weight) Make(LoraOptions options, Tensor weight, int rank, float scaling, ulong seed)
    {
        var (device, @in, @out) = (weight.Device, weight.Shape.Columns, weight.Shape.Rows);
        if (!device.HasNumbers)
            return (device.Empty(new Shape(rank, @in)), device.Empty(new Shape(@out, rank)), Standing(options, weight));
        if (device != device.Host && options.Init is not Default and not Gaussian)
        {
            // Factorisations go row by row: a processor's work.
            var made = Make(options, weight.On(device.Host), rank, scaling, seed);
            return (made.A.On(device), made.B.On(device), made.Weight?.On(device));
        }
        switch (options.Init)
        {
            case Gaussian:
                return (device.Normal(new Shape(rank, @in), 1f / rank, seed), device.Zeros(new Shape(@out, rank)), null);
            case Orthogonal:
                var (a, b) = OrthogonalPair(device, @in, @out, rank, seed);
                return (a, b, null);
            case Pissa:
                return Residual(weight, Principal(Floats(weight), rank, scaling, seed), scaling);
            case Olora:
                return Residual(weight, FirstColumns(Floats(weight), rank), scaling);
            case Loftq:
                return Quantized(weight, options, rank, scaling, seed);
            default:
                // A is uniform within ±1/√in, as in the authors' code; the paper says Gaussian.
                return (device.Uniform(new Shape(rank, @in), 1 / MathF.Sqrt(@in), seed), device.Zeros(new Shape(@out, rank)), null);
        }
    }

    // PiSSA (Meng et al. 2024, https://arxiv.org/abs/2404.02948): the principal part of W is trained, the rest is frozen.
    private static (Tensor A, Tensor B) Principal(Tensor weight, int rank, float scaling, ulong seed)
    {
        var factors = Factorization.Of(weight, rank, Sharpenings, seed);
        for (int i = 0; i < rank; i++)
        {
            float root = MathF.Sqrt(factors.Values[i] / scaling);
            foreach (ref float number in factors.U.Row(i))
                number *= root;
            foreach (ref float number in factors.V.Row(i))
                number *= root;
        }
        return (factors.V, Orthonormal.Transpose(factors.U));
    }

    // OLoRA (Büyükakyüz 2024, https://arxiv.org/abs/2406.01775): W = Q R, of which the first r columns and rows are trained.
    private static (Tensor A, Tensor B) FirstColumns(Tensor weight, int rank)
    {
        var turned = Orthonormal.Transpose(weight);                     // (in, out)
        var q = weight.Device.Empty(new Shape(rank, weight.Shape.Rows));
        weight.Device.CopyRows(turned, 0, q, 0, rank);
        Orthonormal.Rows(q);
        return (q.Linear(turned), Orthonormal.Transpose(q));            // R's first rows are Qᵀ W
    }

    // LoftQ (Li et al. 2023, https://arxiv.org/abs/2310.08659), algorithm 1: what quantising takes away begins in the product.
    private static (Tensor A, Tensor B, Tensor Weight) Quantized(Tensor weight, LoraOptions options, int rank, float scaling, ulong seed)
    {
        var type = DataType.Parse(options.LoftqType)!;
        var original = Floats(weight);
        var quantized = original.To(type);
        var pair = Principal(original + quantized.To(DataType.F32) * -1, rank, scaling, seed);
        for (int i = 1; i < options.LoftqIterations; i++)
        {
            quantized = Without(original, pair, scaling).To(type);
            pair = Principal(original + quantized.To(DataType.F32) * -1, rank, scaling, seed);
        }
        return (pair.A, pair.B, quantized);
    }

    private static (Tensor A, Tensor B, Tensor Weight) Residual(Tensor weight, (Tensor A, Tensor B) pair, float scaling) =>
        (pair.A, pair.B, Without(Floats(weight), pair, scaling).To(weight.Type));

    private static Tensor Without(Tensor weight, (Tensor A, Tensor B) pair, float scaling) =>
        weight + pair.B.Linear(Orthonormal.Transpose(pair.A)) * -scaling;

    // Odd rows of a random rotation for A, even ones for B, so that B A = 0 with neither zero.
    private static (Tensor A, Tensor B) OrthogonalPair(Backend device, int @in, int @out, int rank, ulong seed)
    {
        const float Deviation = 0.1f;
        var rotation = Orthonormal.Rows(device.Normal(new Shape(rank, rank), 1, RandomSource.Mix(seed, 0)));
        var odd = rotation.Rows([.. Enumerable.Range(0, rank / 2).Select(i => 2 * i)]);             // (r/2, r)
        var even = rotation.Rows([.. Enumerable.Range(0, rank / 2).Select(i => 2 * i + 1)]);
        var a = device.Normal(new Shape(@in, rank / 2), Deviation, RandomSource.Mix(seed, 1)).Linear(Orthonormal.Transpose(odd));
        var b = device.Normal(new Shape(@out, rank / 2), Deviation, RandomSource.Mix(seed, 2)).Linear(Orthonormal.Transpose(even));
        return (Orthonormal.Transpose(a), b);
    }

    // What the base's weight would be replaced by, where there are no numbers to compute it from.
    private static Tensor? Standing(LoraOptions options, Tensor weight) => ChangesBase(options.Init)
        ? weight.Device.Empty(weight.Shape, options.Init == Loftq ? DataType.Parse(options.LoftqType)! : weight.Type)
        : null;

    private static Tensor Floats(Tensor weight) => weight.To(DataType.F32);
}
