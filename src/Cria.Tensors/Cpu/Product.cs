using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>C = A Bᵀ or C += A Bᵀ for many rows and columns: c(i, j) = Σₖ a(i, k) · b(j, k), in register tiles over packed panels.</summary>
/// <remarks>
/// Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication". A is packed once by all threads; then each part
/// takes some rows and columns of C, and for each 256 terms unpacks its share of B (whatever its storage type) into a panel that stays in
/// the core's second cache. The depth of 256 is the same everywhere, so each output is summed in the same order whatever the number of
/// threads, of rows or of columns. Where B holds small whole numbers the sums run in integers: see <see cref="IntegerPanel"/>.
/// </remarks>
internal static class Product
{
    private const long MostPackedFloats = 4 << 20;

    // What is unpacked of B at once: whole blocks of every format.
    internal const int Depth = 256;

    /// <summary>How many terms of so many rows are packed at once.</summary>
    internal static int PackedDepth(long rows, int depth) => (int)Math.Min(Math.Max(1, MostPackedFloats / (rows * Depth)) * Depth, depth);

    /// <summary>What the packed copy of one side takes in floats: whole tiles, as high as this processor's.</summary>
    internal static long PackedBytes(long rows, int depth)
    {
        int tile = Vector512.IsHardwareAccelerated ? Rows12.Count : Rows6.Count;
        long whole = (rows + tile - 1) / tile * tile;
        return whole * PackedDepth(whole, depth) * sizeof(float);
    }

    public static void Run(CpuBackend on, Operand a, Operand b, ProductTarget c, ProductTail? tail = null)
    {
        if (!IntegerPanel.Fits(a, b))
            Run<FloatTerms>(on, a, b, c, tail);
        else if (FusesPairs)
            RunIntegers<FusedPairs>(on, a, b, c, tail);
        else
            RunIntegers<Pairs>(on, a, b, c, tail);
    }

    // Code that is compiled ahead has to ask the processor: it does without, since it would be asked for in every step.
    private static bool FusesPairs => RuntimeFeature.IsDynamicCodeCompiled && AvxVnni.IsSupported;

    private static void RunIntegers<TPairs>(CpuBackend on, Operand a, Operand b, ProductTarget c, ProductTail? tail)
        where TPairs : struct, IPairs
    {
        if (b.Matrix.Type.Format.HasOffsets)
            Run<OffsetTerms<TPairs>>(on, a, b, c, tail);
        else
            Run<IntegerTerms<TPairs>>(on, a, b, c, tail);
    }

    private static void Run<TTerms>(CpuBackend on, Operand a, Operand b, ProductTarget c, ProductTail? tail)
        where TTerms : struct, ITerms
    {
        if (Vector512.IsHardwareAccelerated)
            new Product<Lanes512, Vector512<float>, Rows12, TTerms>(on, a, b, c, tail).Run();
        else if (Vector256.IsHardwareAccelerated)
            new Product<Lanes256, Vector256<float>, Rows6, TTerms>(on, a, b, c, tail).Run();
        else
            new Product<Lanes128, Vector128<float>, Rows6, TTerms>(on, a, b, c, tail).Run();
    }
}

/// <summary>Where a product goes.</summary>
/// <param name="Matrix">f32, (rows of A, rows of B), or the other way round.</param>
/// <param name="Turned">Whether c(i, j) stands in row j, column i.</param>
/// <param name="Add">Whether the product is added to what is there.</param>
internal readonly record struct ProductTarget(Tensor Matrix, bool Turned, bool Add);

/// <summary>A second product of a few terms, A′ B′ᵀ, that is added to each tile of C while the tile is near, such as LoRA's: a pass of its own over C would cost more than its sums.</summary>
/// <param name="A">f32, with as many rows as A.</param>
/// <param name="B">f32, with as many rows as B.</param>
internal sealed record ProductTail(Operand A, Operand B)
{
    /// <summary>More terms than so many are a product of their own.</summary>
    public const int MostTerms = 64;
}
