"""The names of data sets in the ``train-dataset`` line, each with one canonical spelling.

The cards write one data set in several ways: ``imagenet2012``, ``ImageNet2012``. Two spellings
name the same data set if they fold to the same letters and digits. The canonical spelling is the
one of the data set's own publishers (CIFAR-10, MNIST, Cityscapes), whatever case most cards use.
Where the cards have a name of their own for what the publishers call otherwise, and use it more
than any other, that name stays: ImageNet2012 for ILSVRC2012, COCO2017 for the 2017 split of COCO.

Sources: the publishers' pages and papers for the names; the cards of MindSpore Hub 1.3 to 2.5 for
what is written instead of them, typing errors such as ``citesser`` included.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

# Canonical spellings, separated by commas; behind "=", what else is written for them. A spelling
# that folds to one that is here already is left out.
_TABLE = """
ImageNet, ImageNet2012 = ILSVRC2012 = ImageNet-1k = ImageNet-ILSVRC2012,
ImageNet-21k = ImageNet-22k = ImageNet-21K-P, ImageNet-A, ImageNet-C, ImageNet-R, ImageNet-V2,
ImageNet-Sketch, Tiny ImageNet = Tiny-ImageNet-200, miniImageNet, tieredImageNet, ILSVRC2013,
ILSVRC2015-VID = ImageNet VID = ILSVRC-VID = VID, CIFAR-10, CIFAR-100, CIFAR-10-C, CIFAR-100-C,
MNIST, Fashion-MNIST, EMNIST, KMNIST, MNIST-M, Moving MNIST, Permuted MNIST, Rotated MNIST, USPS,
SVHN, STL-10, Omniglot, Caltech-101, Caltech-256, Oxford 102 Flower = Flowers102 = Oxford Flowers =
Oxford Flowers 102 = Flower102, Food-101, Oxford-IIIT Pet = Oxford Pets = Oxford-IIIT Pets,
Stanford Cars, Stanford Dogs, FGVC-Aircraft, DTD, SUN397, Places365, Places205, iNaturalist2017,
iNaturalist2018, iNaturalist2019, iNaturalist2021, CUB-200-2011 = CUB = CUB-200,
Stanford Online Products = SOP, In-Shop Clothes Retrieval = In-Shop, DeepFashion, DeepFashion2,
Cars196, Office-31, Office-Home, DomainNet, PACS, VLCS, VisDA-2017, Dogs vs. Cats = Cats vs. Dogs,
JFT-300M, YFCC100M, Clothing1M, WebVision, EuroSAT, UC Merced Land Use = UC Merced, AID,
NWPU-RESISC45 = RESISC45, Captcha, Flower Photos,

COCO = MS COCO = Microsoft COCO, COCO2014 = MS COCO2014, COCO2014-mini, COCO2015,
COCO2017 = MS COCO2017 = COCO2017-train, COCO-Stuff, COCO Captions = COCO Caption,
COCO-WholeBody, LVIS, Objects365, Open Images, PASCAL VOC = VOC, VOC2007 = PASCAL VOC2007,
VOC2012 = PASCAL VOC2012, VOC0712 = VOC2007+2012, SBD = Semantic Boundaries Dataset,
Augmented PASCAL VOC = Augmented PASCAL = VOC2012 Aug = VOC Aug, PASCAL Context, Cityscapes =
Cityspaces = Cityscape, ADE20K, CamVid, Mapillary Vistas, BDD100K, ApolloScape, GTA5, SYNTHIA,
KITTI, KITTI2012, KITTI2015, SemanticKITTI, nuScenes, Waymo Open Dataset = Waymo, Argoverse,
CULane, TuSimple, CrowdHuman, CityPersons, WIDER Person, VisDrone, VisDrone2019, DOTA, DOTA v1.0,
DOTA v1.5, DIOR, HRSC2016, xView, iSAID, LoveDA, LEVIR-CD, WHU-CD, SpaceNet, DeepGlobe Road
Extraction = DeepGlobe Road Extraction Dataset = DeepGlobe, Massachusetts Roads, LIP, CIHP,
Matting Human Datasets = AISegment = Matting Human, Adobe Image Matting = Adobe Matting,
DUTS, DUTS-TR = DUTS-Train, DUTS-TE = DUTS-Test, ECSSD, HKU-IS, PASCAL-S, DUT-OMRON, MSRA-B,
MSRA10K, BSDS300 = BSD300, BSDS500 = BSD500, BSD68, CBSD68, BSD100 = B100,

MVTec AD = MVTec, MVTec AD bottle, MVTec AD cable, MVTec AD capsule, MVTec AD carpet,
MVTec AD grid, MVTec AD hazelnut, MVTec AD leather, MVTec AD metal nut, MVTec AD pill,
MVTec AD screw, MVTec AD tile, MVTec AD toothbrush, MVTec AD transistor, MVTec AD wood,
MVTec AD zipper, MVTec LOCO AD, MVTec 3D-AD, VisA, BTAD, MPDD, KolektorSDD, NEU-DET,

Market-1501, DukeMTMC-reID, MSMT17, CUHK03, CUHK-SYSU, CUHK-PEDES, PRW, SYSU-MM01, RegDB,
VeRi = VeRi-776 = VeIR, VehicleNet = VehicleNet Dataset, VehicleID, MARS, LFW, CASIA-WebFace,
MS-Celeb-1M, MS1MV2 = MS1M-ArcFace = Emore, MS1MV3, Glint360K, WebFace42M, WebFace260M, VGGFace2,
MegaFace, IJB-B, IJB-C, AgeDB-30 = AgeDB, CFP-FP, CALFW, CPLFW, YouTube Faces = YouTube Face,
WIDER FACE, FDDB, 300W, 300W-LP, AFLW, AFLW2000-3D, WFLW, COFW, FairFace, RWMFD, CelebA,
CelebA-HQ, CelebAMask-HQ, CelebA-Spoof, FER2013, RAF-DB, AffectNet, UTKFace, IMDB-WIKI, Adience,
MPII = MPII Human Pose, LSP, PoseTrack, AI Challenger, Human3.6M, MPI-INF-3DHP, 3DPW,
CMU Panoptic, NTU RGB+D, NTU RGB+D 120, FreiHAND, InterHand2.6M, ShanghaiTech, ShanghaiTech
Part A = ShanghaiTech A, ShanghaiTech Part B = ShanghaiTech B, UCF-QNRF, UCF_CC_50, NWPU-Crowd,
MOT15, MOT16, MOT17, MOT20, JDE, VOT2013, VOT2014, VOT2013-VOT2014, VOT2015, VOT2016, VOT2018,
VOT2019, OTB50, OTB100 = OTB2015, OTB2013, GOT-10k, LaSOT, TrackingNet, UAV123, DAVIS2016,
DAVIS2017, YouTube-VOS, YouTube-BB, YouTube-VIS,

DIV2K, Flickr2K, DF2K, Set5, Set12, Set14, Urban100, Manga109, General-100, T91, Kodak = Kodak24,
McMaster, Waterloo Exploration Database = Waterloo, PIRM, RealSR, REDS, Vimeo-90K, Vid4, UDM10,
GoPro, RealBlur, HIDE, SIDD, DND = Darmstadt Noise Dataset, LOL, MIT-Adobe FiveK = FiveK, SID = See-in-the-Dark,
SID-Sony = Sony, SID-Fuji, RESIDE, SOTS, Rain100L, Rain100H, Rain800, Rain1400, ISTD,
Dense-Haze, NH-HAZE, AVA, Aesthetic Visual Analysis = AVA Dataset, KonIQ-10k,
TID2013, LIVE, FFHQ, AFHQ, MetFaces, LSUN, LSUN Bedroom = LSUN Bedrooms, LSUN Church, facades =
CMP Facades, maps, edges2shoes, edges2handbags, horse2zebra, apple2orange, summer2winter,
monet2photo, selfie2anime, photo2cartoon, APDrawingDB = APDrawing, WikiArt, Danbooru,
pokemon-blip-captions = pokemon_blip, Laion-400M, LAION-5B, LAION-2B-en = LAION-2B,
LAION-Aesthetics, Conceptual Captions = CC3M, CC12M, SBU Captions, RedCaps, Wukong, COYO-700M,
JourneyDB, DataComp, Flickr8k, Flickr30k, VQA, VQAv2 = VQA v2.0, GQA, OK-VQA, TextVQA, DocVQA,
ChartQA, ScienceQA, Visual Genome, RefCOCO, RefCOCOg, ReferItGame, NLVR2, LLaVA-Instruct-150K,

ICDAR2003, ICDAR2011, ICDAR2013 = IC13, ICDAR2015 = IC15, ICDAR2017, ICDAR2017 MLT = MLT2017,
ICDAR2019, ICDAR2019 ArT, ICDAR2019 MLT = MLT2019, ICDAR2019 LSVT = LSVT, IIIT5K = IIIT5K-Words =
IIIT, SVT, SVTP = SVT-Perspective, CUTE80, MJSynth = MJ = Synth90k, SynthText = ST, SynthAdd,
MJ-ST, MJ-ST-IIIT, CRNN-DS, FSNS, Total-Text, CTW1500 = SCUT-CTW1500, CTW, MSRA-TD500, SCUT-FORU,
RCTW-17 = RCTW, ReCTS, ICPR MTWI 2018 = ICPR2018 = MTWI = MTWI2018, COCO-Text, COCO-Text V2.0 =
COCO-Text V2, TextOCR, FUNSD, XFUND, SROIE, CORD, PubLayNet, PubTabNet, DocBank, TableBank,
CDLA, CASIA-HWDB, IAM,

ISBI Challenge = ISBI = ISBI2012 = ISBI Challenge 2012, iSeg-2017, Data Science Bowl 2018 = Cell
Nuclei = DSB2018 = 2018 Data Science Bowl, LUNA16, LIDC-IDRI, LiTS2017 = LiTS, PROMISE12 =
PROMISE2012, BraTS, BraTS2015 = Brast2015, BraTS2017 = Brast2017, BraTS2018 = Brast2018,
BraTS2019 = Brast2019, BraTS2020 = Brast2020, BraTS2021, KiTS19, Medical Segmentation Decathlon =
MSD, ACDC, Synapse, DRIVE, STARE, CHASE_DB1 = CHASE, Kvasir-SEG = Kvasir, CVC-ClinicDB, ISIC2017,
ISIC2018, ISIC2019, HAM10000, CheXpert, ChestX-ray14 = ChestX-ray8, MIMIC-CXR, COVID-19
Radiography, CAMELYON16, PatchCamelyon, PanNuke, MedMNIST, Human Protein Atlas = HPA, MIMIC-III,

UCF101, UCF11, UCF50, HMDB51, Kinetics-400, Kinetics-600, Kinetics-700, Kinetics-Skeleton,
Something-Something V1 = SSv1 = Something V1, Something-Something V2 = SSv2 = Something V2,
Jester, Moments in Time, Charades, ActivityNet = ActivityNet 1.3, THUMOS14, AVA v2.1 = AVA 2.1,
AVA v2.2 = AVA 2.2 = AVA Actions v2.2, EPIC-KITCHENS, TACoS, MSR-VTT, MSVD, DiDeMo, LSMDC, VATEX,
HowTo100M, WebVid, WebVid-2M = WebVid-2.5M, WebVid-10M, Panda-70M, InternVid, OpenVid-1M,
Sky Timelapse, FaceForensics, DFDC,

ModelNet10, ModelNet40, ShapeNet, ShapeNetCore, ShapeNetPart, PartNet, ScanObjectNN, S3DIS,
ScanNet, SUN RGB-D, Matterport3D, 3DMatch, Objaverse, Objaverse-XL, CO3D, DTU, BlendedMVS,
Tanks and Temples, ETH3D, Middlebury, MPI Sintel = Sintel, FlyingChairs, FlyingThings3D,
Scene Flow, LINEMOD, Occlusion LINEMOD = Occluded LINEMOD, YCB-Video, HPatches, MegaDepth, ReDWeb,
NYU-Depth V2 = NYUDv2 = NYUv2 = NYU = NYU Depth, Make3D, DIODE, 7-Scenes, Cambridge Landmarks,
KingsCollege, StMarysChurch, OldHospital, ShopFacade, Oxford RobotCar, Google Landmarks Dataset
v2 = GLDv2 = Google Landmarks v2, Oxford5k = ROxford5k, Paris6k = RParis6k, NeRF Synthetic =
Blender, LLFF, Replica,

Wikipedia, en-wiki, en-wiki-128, en-wiki-512, zh-wiki = cn-wiki, cn-wiki-128, cn-news-128, Wiki,
WikiText-2, WikiText-103, BookCorpus, OpenWebText = OpenWeb, OpenWebText2, C4, mC4, The Pile =
Pile, RedPajama, SlimPajama, WuDaoCorpora, Common Crawl, CC-100, MLPerf-v0.7, text8, enwik8,
Penn Treebank = PTB, LAMBADA, One Billion Word = LM1B, Alpaca = Stanford Alpaca, ShareGPT, Dolly,
GLUE, SuperGLUE, CLUE, SST-2, SST-5, SST = Stanford Sentiment Treebank, CoLA, MRPC, QQP, STS-B,
MNLI = MultiNLI, QNLI, RTE, WNLI, SNLI, XNLI, AFQMC, TNEWS, IFLYTEK, CMNLI, OCNLI, CSL, ChID, C3,
BoolQ, COPA, MultiRC, ReCoRD, WiC, WSC, HellaSwag, PIQA, WinoGrande, MMLU, C-Eval, CMMLU, GSM8K,
HumanEval, MBPP, LCQMC, BQ Corpus, PAWS-X, SQuAD, SQuAD1.1 = SQuAD v1.1 = SQuAD v1, SQuAD2.0 =
SQuAD v2.0 = SQuAD v2, CMRC2018 = CMRC = CMCR, DRCD = BRCD, NLPCC-DBQA = DBQA = BDQA, DuReader,
RACE, Natural Questions, TriviaQA, HotpotQA, CoQA, QuAC, MS MARCO, WikiQA, ELI5, DuConv, DSTC2,
MultiWOZ, Douban, Ubuntu Dialogue Corpus = Ubuntu = UDC, ATIS, SNIPS, MRDA, SwDA, PersonaChat,
DailyDialog, Cornell, Cornell Movie-Dialogs Corpus, Baidu EmoTect = EmoTect,
Large Movie Review Dataset = IMDb = aclImdb = aclImdb_v1 = IMDb Reviews, Movie Review = MR =
Movie Review Data, Movie Review Polarity = polarity_moviereview, SUBJ, TREC, MPQA, ChnSentiCorp,
THUCNews, AG's News Topic Classification Dataset = AG News = AG's News, DBPedia Ontology
Classification Dataset = DBPedia, Yelp Review Polarity Dataset = Yelp Review Polarity = Yelp
Polarity, Yelp Review Full, Amazon Review Polarity, Amazon Review Full, Sogou News, Yahoo Answers,
20 Newsgroups = 20News, Reuters-21578, CoNLL-2000, CoNLL-2003, CoNLL-2012, OntoNotes 5.0 =
OntoNotes, MSRA NER, CLUENER2020 = CLUENER, ChineseNER, Weibo NER, Resume NER, ACE2005, NYT,
WebNLG, DocRED, TACRED, FewRel, SemEval-2010 Task 8, SemEval-2014, Universal Dependencies,
WMT, WMT14, WMT14 en-de, WMT14 en-fr, WMT15, WMT16, WMT16 de-en = WMT16 en-de,
WMT16 ro-en = WMT16 en-ro, WMT17, WMT18, WMT19, WMT20, WMT en-de = WMT English-German, IWSLT14,
IWSLT15, IWSLT16, IWSLT17, Multi30k = Muti30k, OPUS-100, Europarl, UN Parallel Corpus, News Crawl,
News Commentary, Gigaword = English Gigaword, CNN/Daily Mail = CNNDM, XSum, LCSTS, CNewSum,
WikiSQL, Spider, CodeSearchNet, Quora Question Pairs,

LibriSpeech, LibriTTS, LibriMix, Libri2Mix, LJSpeech = LJSpeech-1.1, TIMIT, VCTK, CSMSC = Biaobei,
AISHELL-1 = AISHELL, AISHELL-2, AISHELL-3, AISHELL-4, THCHS-30, WenetSpeech, GigaSpeech,
TED-LIUM, Switchboard, WSJ0, WSJ0-2mix, Common Voice, MUSAN, VoxCeleb, VoxCeleb1, VoxCeleb2,
CN-Celeb, Speech Commands, Speech Commands v1 = Speech Commands Dataset Version 1 = Speech
Commands v0.01, Speech Commands v2 = Speech Commands Dataset Version 2 = Speech Commands v0.02,
IEMOCAP, RAVDESS, EmoDB, VoiceBank+DEMAND, DNS Challenge, MagnaTagATune =
Music-Tagging = MTAT, GTZAN, MUSDB18, MAESTRO, NSynth, Million Song Dataset, FMA, AudioSet,
ESC-50, ESC-10, UrbanSound8K, DCASE2016, DCASE2020, FSD50K, TUT Acoustic Scenes, Clotho,
AudioCaps, CMU ARCTIC, M4Singer, OpenSinger, KiSing,

Criteo = Criteo 1TB = Criteo Kaggle = Criteo Display Ads, Avazu, MovieLens, MovieLens-100K =
ML-100K, MovieLens-1M = ML-1M, MovieLens-10M = ML-10M, MovieLens-20M = ML-20M, MovieLens-25M =
ML-25M, Amazon Beauty, Amazon Books = Amazon Book, Amazon Electronics, Yelp, Yelp2018, Gowalla,
Last.fm, Diginetica, Yoochoose, RetailRocket, Pinterest, Netflix Prize, Steam, MIND, MIND-small,
MIND-large, Outbrain = Outbrain Click Prediction, Taobao User Behavior = Taobao, Ali-CCP,
AliExpress, Tmall, KuaiRec, KuaiRand, Book-Crossing, Epinions, Ciao, Census-Income = Census-Income
KDD, Adult = Census Income Adult, Iris, Boston Housing, California Housing,

Cora, Cora-ML, CiteSeer = Citesser = Citeceer, PubMed = Pubmed Diabetes, Reddit, PPI,
BlogCatalog, Flickr, DBLP, ACM, WikiCS, NELL, Amazon Computers, Amazon Photo, Coauthor CS,
Coauthor Physics, ogbn-arxiv, ogbn-products, ogbn-proteins, ogbn-mag, ogbn-papers100M,
ogbg-molhiv, ogbg-molpcba, ogbl-collab, FB15k, FB15k-237, WN18, WN18RR, YAGO3-10, AIFB, MUTAG,
PROTEINS, ENZYMES, NCI1, COLLAB, IMDB-BINARY, IMDB-MULTI, Karate Club, QM9, MD17, ZINC, Wisconsin,
Texas, Chameleon, Squirrel, SZ-taxi, Los-loop, METR-LA, PEMS-BAY, PeMSD3, PeMSD4,
PeMSD7, PeMSD7(M), PeMSD8, ETT, ETTh1, ETTm1, Adding Problem, Water, PDBbind, UniRef50, CASP14,
ERA5, WeatherBench, D4RL, Atari 2600 = Atari, MuJoCo, CartPole
"""
_SEPARATOR = re.compile(r"[|,;+，；、]")  # noqa: RUF001 - Chinese cards have full-width ones
_NOT_FOLDED = re.compile(r"[\W_]+")
_NONE = frozenset({"", "-", "--", "no", "none", "n/a", "na", "null"})
_LONGEST = 4  # parts between "_" that one known name may have, as in wmt16_de_en
_LONGEST_TYPO = 80  # characters; whatever is longer is no misspelt name


class Dataset(NamedTuple):
    """A data set that a card names.

    Attributes:
        text: The name as it stands in the card.
        canonical: The canonical spelling, or None if the data set is not known.
    """

    text: str
    canonical: str | None


def read_datasets(text: str, extra: Collection[str] = ()) -> tuple[Dataset, ...]:
    """Read the names of data sets, one or several, from a ``train-dataset`` value.

    Names are separated by ``|``, ``,``, ``;`` or ``+``. A ``_`` separates names only where all
    that stands between is known, since names hold ``_`` as well. A known name stays whole,
    whatever it holds.

    Args:
        text: The value of the card.
        extra: More names to know, spelled as they shall be; they win over the built-in ones.

    Returns:
        The data sets in the order of the text; none for an empty value, ``-``, ``N/A``, ``None``.

    Example:
        >>> [data.canonical for data in read_datasets("fairface_rwmfd")]
        ['FairFace', 'RWMFD']
        >>> read_datasets("MVtecAD_bottle")
        (Dataset(text='MVtecAD_bottle', canonical='MVTec AD bottle'),)
        >>> read_datasets("imagenet2012 | our_own")
        (Dataset(text='imagenet2012', canonical='ImageNet2012'), Dataset(text='our_own', ...None))
        >>> read_datasets("N/A")
        ()
    """
    return _read(text.strip(), tuple(extra))


def suggest_dataset(name: str, extra: Collection[str] = ()) -> str | None:
    """Find the known name that a name was probably meant to be.

    The test is strict: a few letters may differ, digits may not, because a name with another
    number is another data set (COCO2014, COCO2017).

    Args:
        name: One name, such as the ``text`` of a data set that has no canonical spelling.
        extra: More names to know, as in ``read_datasets``.

    Returns:
        The canonical spelling of the nearest known name, or None if nothing is near.

    Example:
        >>> suggest_dataset("citiscapes")
        'Cityscapes'
        >>> print(suggest_dataset("coco2018"))
        None
    """
    return _suggest(name, tuple(extra))


@lru_cache(maxsize=1024)
def _suggest(name: str, extra: tuple[str, ...]) -> str | None:
    index = _index(extra)
    folded = _fold(name)
    if not 4 <= len(folded) <= _LONGEST_TYPO:
        return None
    digits = _digits(folded)
    same = [known for known in index if len(known) >= 4 and _digits(known) == digits]
    from difflib import get_close_matches  # for the few names that are not known

    near = get_close_matches(folded, same, n=1, cutoff=0.84)
    return index[near[0]] if near else None


@lru_cache(maxsize=1024)
def _read(text: str, extra: tuple[str, ...]) -> tuple[Dataset, ...]:
    """Read a value; cards share most of theirs, so that the answers are kept."""
    index = _index(extra)
    if known := index.get(_fold(text)):
        return (Dataset(text, known),)
    pieces = map(str.strip, _SEPARATOR.split(text))
    return tuple(
        dataset
        for piece in pieces
        if piece.lower() not in _NONE
        for dataset in _read_piece(piece, index)
    )


def _read_piece(piece: str, index: Mapping[str, str]) -> list[Dataset]:
    if known := index.get(_fold(piece)):
        return [Dataset(piece, known)]
    parts = list(_split_at_underscores(piece.split("_"), index))
    if all(part.canonical for part in parts):
        return parts
    return [Dataset(piece, None)]


def _split_at_underscores(parts: list[str], index: Mapping[str, str]) -> Iterator[Dataset]:
    """Take from the left the longest known name, again and again; stop at an unknown one."""
    start = 0
    while start < len(parts):
        for end in range(min(start + _LONGEST, len(parts)), start, -1):
            name = "_".join(parts[start:end])
            if known := index.get(_fold(name)):
                yield Dataset(name, known)
                start = end
                break
        else:
            yield Dataset(parts[start], None)
            return


def _fold(name: str) -> str:
    return _NOT_FOLDED.sub("", name.lower())


def _digits(folded: str) -> str:
    return "".join(filter(str.isdigit, folded))


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    """Canonical spelling -> the other spellings."""
    entries = (" ".join(entry.split()) for entry in _TABLE.split(","))
    table = {}
    for entry in entries:
        canonical, *others = entry.split(" = ")
        table[canonical] = tuple(others)
    return MappingProxyType(table)


@lru_cache(maxsize=8)
def _index(extra: tuple[str, ...]) -> Mapping[str, str]:
    """Folded spelling -> canonical spelling."""
    if extra:
        added = {_fold(name): name for name in extra}
        added.pop("", None)
        return MappingProxyType({**_index(()), **added})
    return MappingProxyType(
        {
            _fold(spelling): canonical
            for canonical, others in _table().items()
            for spelling in (canonical, *others)
        }
    )
